import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../lib/errors";
import { interruptedStatus } from "../lib/exitStatus";
import { isAllMade } from "../lib/pendingOperations";
import {
  eventLogEnvironment,
  readUp,
  summaryByCommand,
  upSummary,
  withEventLog,
  type PlatformFacts,
} from "../lib/summary";
import { step } from "../lib/terminal";
import { parseCommandLine } from "./options";
import { pulumiOutput, runPulumi } from "./pulumi";
import { runCommand } from "./runCommand";
import { stackPrices } from "./stackPrices";

const help = `Brings a stack up, as a pipeline does: takes the lock of an interrupted run away first, goes on from where that got to, and
says at the end what was done, what it costs, and what can be done next.

  npm run -s deploy -- --stack S

--stack S   the stack. Nobody else may be at work on it: a pipeline runs one at a time
--local     on the local cloud; the stack "local" is there always`;

const options = {
  stack: { type: "string" },
  local: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

async function main(): Promise<void> {
  const { stack, local: isLocal, help: wantsHelp } = parseCommandLine({ options }).values;
  if (wantsHelp) return console.log(help);
  if (!stack) throw new UserError(`--stack is not given; name the stack.\n\n${help}`);
  const local = isLocal || stack === "local";
  // Where nothing was interrupted there is nothing to cancel, which the CLI may call a failure. Locally dead locks go by themselves.
  if (!local) await runPulumi(stack, ["cancel", "--yes"], { local });
  const environment = { ...eventLogEnvironment, [summaryByCommand]: "1" };
  const { answer: status, events } = await withEventLog((log) =>
    runPulumi(stack, ["up", "--yes", "--skip-preview", "--suppress-outputs", ...log], { local, environment }),
  );
  const done = readUp(events);
  if (status === 0) await forgetMade(stack, local);
  const platform = status === 0 ? await platformOf(stack, local) : undefined;
  // A state that another command holds is told without a summary of nothing.
  if (events !== "") {
    const option = `--stack ${stack}`;
    const calls = { up: `npm run -s deploy -- ${option}${isLocal ? " --local" : ""}`, stack: option, local };
    const facts = { ...done, done, platform, prices: stackPrices(done.config), calls };
    console.log(`\n${await upSummary(facts, process.stdout)}`);
  }
  if (status === interruptedStatus) {
    process.exitCode = status;
    return step("interrupted; the same command goes on from here");
  }
  if (status !== 0)
    throw new UserError(
      `pulumi up --stack ${stack} ended with status ${status}. Mend the cause, and run it again: it goes on. ` +
        `"cannot create already existing resource" is of an interrupted run: see docs/operations.md#interrupted-runs.`,
    );
}

/** Takes out of the state what an interrupted run was creating and this one has; an import drops all that is pending. */
async function forgetMade(stack: string, local: boolean): Promise<void> {
  const exported = await pulumiOutput(stack, ["stack", "export"], { local });
  if (!isAllMade(exported)) return;
  const folder = await mkdtemp(join(tmpdir(), "deploy-"));
  try {
    const file = join(folder, "state.json");
    await writeFile(file, exported, { mode: 0o600 });
    await pulumiOutput(stack, ["stack", "import", "--file", file], { local });
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function platformOf(stack: string, local: boolean): Promise<PlatformFacts> {
  return JSON.parse(await pulumiOutput(stack, ["stack", "output", "platform", "--json"], { local })) as PlatformFacts;
}

runCommand(main);
