import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compareSchemas } from "../contract/compatibility";
import { platformJsonSchema } from "../contract/schema";
import { UserError } from "../lib/errors";
import { upsertComment } from "../lib/github/comments";
import { commentOf } from "../lib/preview/comment";
import { parseDigest } from "../lib/preview/digest";
import { parsePolicies } from "../lib/preview/policies";
import { eventLogEnvironment, withEventLog } from "../lib/summary";
import { lastRelease } from "./contract/lastRelease";
import { parseCommandLine } from "./options";
import { pipedText } from "./pipedText";
import { pullRequestOf } from "./pullRequest";
import { pulumiOutput } from "./pulumi";
import { runCommand } from "./runCommand";
import { stackPrices } from "./stackPrices";

const help = `Writes what a preview says as one comment on the pull request, which is edited in place; outside a pipeline it is printed.

  PULUMI_DEBUG_COMMANDS=true pulumi preview --json --stack S --policy-pack policy --event-log EVENTS > PREVIEW
  npm run -s pr:comment -- --stack S --events EVENTS < PREVIEW
  pulumi preview --json --stack S | npm run -s pr:comment -- --stack S
  npm run -s pr:comment -- --stack S        runs the preview itself

--stack S            the stack
--local              previews on the local cloud; the stack "local" is there always
--events FILE        the event log of the preview that is piped in, which has what the policies found
--pull-request N     the pull request, where GITHUB_REF and GITHUB_EVENT_PATH do not say it
--print              prints the comment and sends nothing

GITHUB_TOKEN and GITHUB_REPOSITORY say with which right and where to comment, GITHUB_API_URL which server.`;

const options = {
  stack: { type: "string" },
  local: { type: "boolean", default: false },
  events: { type: "string" },
  "pull-request": { type: "string" },
  print: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

async function main(): Promise<void> {
  const { stack, events, print, local, help: wantsHelp, "pull-request": number } = parseCommandLine({ options }).values;
  if (wantsHelp) return console.log(help);
  if (!stack) throw new UserError(`--stack is not given; name the stack.\n\n${help}`);
  const target = print ? undefined : pullRequestOf(process.env, number);
  const text = pipedText();
  const preview =
    text === undefined ? await runPreview(stack, local || stack === "local") : { text, events: readEvents(events) };
  const digest = parseDigest(preview.text);
  const body = await commentOf(digest, {
    stack,
    prices: stackPrices(digest.config),
    contract: contractChanges(),
    policies: parsePolicies(preview.events),
    environment: process.env,
  });
  if (!target) return console.log(body);
  const { did, url } = await upsertComment(target, body);
  console.log(`comment ${did}: ${url}`);
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

async function runPreview(stack: string, local: boolean): Promise<Preview> {
  const policies = local ? [] : ["--policy-pack", join(__dirname, "..", "policy")];
  const { answer: text, events } = await withEventLog((options) =>
    pulumiOutput(stack, ["preview", "--json", ...policies, ...options], {
      // A preview that fails still says why, in its diagnostics and policies.
      isGood: (output) => /^\{/m.test(output),
      environment: eventLogEnvironment,
      local,
    }),
  );
  return { text, events };
}

function contractChanges(): string[] {
  const last = lastRelease();
  if (!last) return [];
  return compareSchemas(last.schema, platformJsonSchema()).map(
    ({ path, what, breaking }) => `${path}: ${what}${breaking ? " (breaks consumers)" : ""}`,
  );
}

runCommand(main);
