import { parseArgs } from "node:util";
import { parseConfig } from "../config";
import { compareSchemas } from "../contract/compatibility";
import { platformJsonSchema } from "../contract/schema";
import { decideSize } from "../lib/azure/sizes";
import { UserError } from "../lib/errors";
import { upsertComment } from "../lib/github/comments";
import { commentOf } from "../lib/preview/comment";
import { parseDigest, type Digest } from "../lib/preview/digest";
import { PriceList } from "../lib/prices/list";
import { lastRelease } from "./contract/lastRelease";
import { unknownOption } from "./options";
import { pipedText } from "./pipedText";
import { previewJson } from "./pulumiProcess";
import { pullRequestOf } from "./pullRequest";
import { runCommand } from "./runCommand";

const help = `Writes what a preview says as one comment on the pull request, which is edited in place; outside a pipeline it is printed.

  pulumi preview --json --stack S | npm run -s pr:comment -- --stack S
  npm run -s pr:comment -- --stack S        runs the preview itself

--stack S            the stack
--local              previews on the local cloud; the stack "local" is there always
--pull-request N     the pull request, where GITHUB_REF and GITHUB_EVENT_PATH do not say it
--print              prints the comment and sends nothing

GITHUB_TOKEN and GITHUB_REPOSITORY say with which right and where to comment, GITHUB_API_URL which server.`;

const options = {
  stack: { type: "string" },
  local: { type: "boolean", default: false },
  "pull-request": { type: "string" },
  print: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

async function main(): Promise<void> {
  const { stack, local, print, help: wantsHelp, "pull-request": number } = parseCommandLine();
  if (wantsHelp) return console.log(help);
  if (!stack) throw new UserError(`--stack is not given; name the stack.\n\n${help}`);
  const target = print ? undefined : pullRequestOf(process.env, number);
  const digest = parseDigest(pipedText() ?? (await previewJson(stack, local || stack === "local")));
  const prices = priceListOf(digest);
  const body = await commentOf(digest, { stack, prices, contract: contractChanges(), environment: process.env });
  if (!target) return console.log(body);
  const { did, url } = await upsertComment(target, body);
  console.log(`comment ${did}: ${url}`);
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

function parseCommandLine() {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw unknownOption(error, Object.keys(options));
  }
}

runCommand(main);
