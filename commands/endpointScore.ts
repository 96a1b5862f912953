import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join, parse as parsePath } from "node:path";
import { ArmClient } from "../lib/azure/arm";
import { getEndpoint } from "../lib/azure/endpoints";
import { UserError } from "../lib/errors";
import { drawDetections } from "../lib/report/annotatedImage";
import { ScoringClient, type Scored } from "../lib/serving/scoringClient";
import { parseCommandLine } from "./options";
import { runCommand } from "./runCommand";

const help = `Sends pictures to the detector's endpoint and prints what it answers, a line of JSON a picture:
{"image", "deployment", "ms", "boxes": [{"label", "score", "topX", "topY", "bottomX", "bottomY"}]}, boxes in shares of the picture.

  npm run -s endpoint:score -- IMAGE... [--out DIR] [--deployment NAME] [--endpoint ARM-ID]

--out DIR          also writes DIR/NAME.json, and DIR/NAME.png with the boxes drawn
--deployment NAME  asks this deployment, whatever the traffic
--endpoint ARM-ID  asks Azure for the endpoint's address and key, with your identity

Without --endpoint, SCORING_URI and SCORING_KEY of the environment say where; for the local cloud: eval "$(npm run -s local:env)"
A picture that cannot be read or is refused goes to stderr, and the exit status is 1; the others are scored all the same.`;

const options = {
  out: { type: "string" },
  deployment: { type: "string" },
  endpoint: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

async function main(): Promise<void> {
  const { values, positionals } = parseCommandLine({ options, allowPositionals: true });
  if (values.help) return console.log(help);
  if (positionals.length === 0) throw new UserError(`Name the pictures to score.\n\n${help}`);
  const files = outputNames(positionals);
  const client = await openClient(values.endpoint);
  if (values.out) await mkdir(values.out, { recursive: true });
  for (const [image, name] of files) {
    const picture = await readFile(image).catch((error: NodeJS.ErrnoException) => error);
    const scored = picture instanceof Error ? undefined : await client.score(picture, values.deployment);
    const problem = picture instanceof Error ? `cannot be read (${picture.code})` : scored?.problem;
    if (!scored || problem !== undefined) {
      console.error(`${image}: ${problem}`);
      process.exitCode = 1;
      continue;
    }
    const answer = describe(image, scored);
    console.log(JSON.stringify(answer));
    if (!values.out) continue;
    await writeFile(join(values.out, `${name}.json`), `${JSON.stringify(answer, null, 2)}\n`);
    await drawDetections(image, scored.boxes, join(values.out, `${name}.png`));
  }
}

function describe(image: string, { deployment, ms, boxes }: Scored) {
  return { image, deployment: deployment ?? null, ms: Math.round(ms), boxes };
}

async function openClient(endpointId: string | undefined): Promise<ScoringClient> {
  if (endpointId !== undefined) {
    const arm = await ArmClient.connect();
    return ScoringClient.open(arm, await getEndpoint(arm, endpointId));
  }
  const { SCORING_URI: uri, SCORING_KEY: key } = process.env;
  if (!uri || !key)
    throw new UserError(
      'SCORING_URI and SCORING_KEY are not set, and no --endpoint is given. Run: eval "$(npm run -s local:env)" once the ' +
        "endpoint is deployed, or give --endpoint with the endpoint's ARM id.",
    );
  return ScoringClient.at(uri, key);
}

/** The name of each picture's results: two pictures of one name in different folders are kept apart. */
function outputNames(images: readonly string[]): [image: string, name: string][] {
  const taken = new Map<string, number>();
  return images.map((image) => {
    const name = parsePath(basename(image)).name;
    const before = taken.get(name) ?? 0;
    taken.set(name, before + 1);
    return [image, before === 0 ? name : `${name}-${before + 1}`];
  });
}

runCommand(main);
