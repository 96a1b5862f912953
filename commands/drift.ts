import { UserError } from "../lib/errors";
import { closeIssue, upsertIssue } from "../lib/github/issues";
import { parseDigest } from "../lib/preview/digest";
import { driftReport } from "../lib/preview/drift";
import { parseCommandLine } from "./options";
import { pipedText } from "./pipedText";
import { pulumiOutput } from "./pulumi";
import { runCommand } from "./runCommand";

const help = `Tells what differs in the cloud from what the stack declares, as one issue that is edited in place, and closed when nothing differs.

  npm run -s drift -- --stack S
  pulumi preview --refresh --json --stack S | npm run -s drift -- --stack S

--stack S   the stack
--local     on the local cloud
--print     prints the issue and sends nothing; the exit status is 2 when something differs

GITHUB_TOKEN and GITHUB_REPOSITORY say with which right and where, GITHUB_API_URL which server; without them it is printed.`;

const options = {
  stack: { type: "string" },
  local: { type: "boolean", default: false },
  print: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

async function main(): Promise<void> {
  const { stack, local, print, help: wantsHelp } = parseCommandLine({ options }).values;
  if (wantsHelp) return console.log(help);
  if (!stack) throw new UserError(`--stack is not given; name the stack.\n\n${help}`);
  const digest = parseDigest(pipedText() ?? (await preview(stack, local || stack === "local")));
  const report = driftReport(digest, stack, process.env);
  const { GITHUB_TOKEN: token, GITHUB_REPOSITORY: repository, GITHUB_API_URL: apiUrl } = process.env;
  if (print || !token || !repository) {
    console.log(report.body);
    if (report.differs) process.exitCode = 2;
    return;
  }
  const target = { token, repository, apiUrl };
  const { did, url } = report.differs ? await upsertIssue(target, report) : await closeIssue(target, report);
  console.log(`issue ${did}${url ? `: ${url}` : ""}`);
}

function preview(stack: string, local: boolean): Promise<string> {
  // One that fails still says why, in its diagnostics.
  const isGood = (output: string) => /^\{/m.test(output);
  return pulumiOutput(stack, ["preview", "--refresh", "--json"], { isGood, local });
}

runCommand(main);
