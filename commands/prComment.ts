import { fstatSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig } from "../config";
import { compareSchemas } from "../contract/compatibility";
import { platformJsonSchema } from "../contract/schema";
import { decideSize } from "../lib/azure/sizes";
import { UserError } from "../lib/errors";
import { upsertComment } from "../lib/github/comments";
import { commentOf } from "../lib/preview/comment";
import { parseDigest, type Digest } from "../lib/preview/digest";
import { parsePolicies } from "../lib/preview/policies";
import { PriceList } from "../lib/prices/list";
import { lastRelease } from "./contract/lastRelease";
import { parseCommandLine } from "./options";
import { pullRequestOf } from "./pullRequest";
import { pulumiOutput } from "./pulumi";
import { runCommand } from "./runCommand";

const help = `Writes what a preview says as one comment on the pull request, which is edited in place; outside a pipeline it is printed.

  PULUMI_DEBUG_COMMANDS=true pulumi preview --json --stack S --policy-pack policy --event-log EVENTS > PREVIEW
  npm run -s pr:comment -- --stack S --events EVENTS < PREVIEW
  pulumi preview --json --stack S | npm run -s pr:comment -- --stack S
  npm run -s pr:comment -- --stack S        runs the preview itself; for the stack "local", on the local cloud

--stack S            the stack
--events FILE        the event log of the preview that is piped in, which has what the policies found
--pull-request N     the pull request, where GITHUB_REF and GITHUB_EVENT_PATH do not say it
--print              prints the comment and sends nothing

GITHUB_TOKEN and GITHUB_REPOSITORY say with which right and where to comment, GITHUB_API_URL which server.`;

const options = {
  stack: { type: "string" },
  events: { type: "string" },
  "pull-request": { type: "string" },
  print: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

async function main(): Promise<void> {
  const { stack, events, print, help: wantsHelp, "pull-request": number } = parseCommandLine({ options }).values;
  if (wantsHelp) return console.log(help);
  if (!stack) throw new UserError(`--stack is not given; name the stack.\n\n${help}`);
  const target = print ? undefined : pullRequestOf(process.env, number);
  const text = pipedText();
  const preview = text === undefined ? await runPreview(stack) : { text, events: readEvents(events) };
  const digest = parseDigest(preview.text);
  const body = await commentOf(digest, {
    stack,
    prices: priceListOf(digest),
    contract: contractChanges(),
    policies: parsePolicies(preview.events),
    environment: process.env,
  });
  if (!target) return console.log(body);
  const { did, url } = await upsertComment(target, body);
  console.log(`comment ${did}: ${url}`);
}

/** What was piped in; undefined at a terminal and where nothing was. */
function pipedText(): string | undefined {
  try {
    const input = fstatSync(0);
    if (!input.isFIFO() && !input.isFile() && !input.isSocket()) return undefined;
    const text = readFileSync(0, "utf8");
    return text.trim() ? text : undefined;
  } catch {
    return undefined;
  }
}

function readEvents(file: string | undefined): string {
  if (file === undefined) return "";
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(
      `--events is "${file}", which cannot be read (${(error as Error).message}). Give the file of: pulumi preview --event-log FILE`,
    );
  }
}

interface Preview {
  /** What `pulumi preview --json` printed. */
  text: string;
  /** The engine's event log. */
  events: string;
}

async function runPreview(stack: string): Promise<Preview> {
  const policies = stack === "local" ? [] : ["--policy-pack", join(__dirname, "..", "policy")];
  const preview = ["preview", "--json", ...policies, "--event-log"];
  const folder = await mkdtemp(join(tmpdir(), "preview-"));
  const log = join(folder, "events.json");
  try {
    // The engine writes secrets into it as they are.
    await writeFile(log, "", { mode: 0o600 });
    return {
      text: await pulumiOutput(stack, [...preview, log], {
        // A preview that fails still says why, in its diagnostics and policies.
        isGood: (output) => /^\{/m.test(output),
        // Makes --event-log known.
        environment: { PULUMI_DEBUG_COMMANDS: "true" },
      }),
      events: await readFile(log, "utf8"),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Prices by the configuration that the preview was made with. */
function priceListOf({ config = {} }: Digest): PriceList {
  const own = Object.entries(config).map(([key, value]) => [key.split(":").at(-1) ?? key, value] as const);
  const { location, prices, compute, onRetiredSize } = parseConfig(Object.fromEntries(own));
  const { vmSize: trainedOn } = decideSize("compute.vmSize", compute.vmSize, onRetiredSize);
  const sized = compute.pricePerHour === undefined ? {} : { [trainedOn]: compute.pricePerHour };
  return new PriceList({
    region: location,
    overrides: { ...sized, ...prices.perHour },
    url: prices.source === "table" ? null : process.env.AZURE_RETAIL_PRICES_URL,
  });
}

function contractChanges(): string[] {
  const last = lastRelease();
  if (!last) return [];
  return compareSchemas(last.schema, platformJsonSchema()).map(
    ({ path, what, breaking }) => `${path}: ${what}${breaking ? " (breaks consumers)" : ""}`,
  );
}

runCommand(main);
