import { UserError } from "../lib/errors";
import { parseCommandLine } from "./options";
import { runPulumi } from "./pulumi";
import { runCommand } from "./runCommand";

const help = `Brings a stack up, as a pipeline does: takes the lock of an interrupted run away first, and goes on from where that got to.

  npm run -s deploy -- --stack S

--stack S   the stack. Nobody else may be at work on it: a pipeline runs one at a time
--local     on the local cloud`;

const options = {
  stack: { type: "string" },
  local: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

async function main(): Promise<void> {
  const { stack, local, help: wantsHelp } = parseCommandLine({ options }).values;
  if (wantsHelp) return console.log(help);
  if (!stack) throw new UserError(`--stack is not given; name the stack.\n\n${help}`);
  // Where nothing was interrupted there is nothing to cancel, which the CLI may call a failure. Locally dead locks go by themselves.
  if (!local) await runPulumi(stack, ["cancel", "--yes"], local);
  const status = await runPulumi(stack, ["up", "--yes", "--skip-preview", "--suppress-outputs"], local);
  if (status !== 0)
    throw new UserError(
      `pulumi up --stack ${stack} ended with status ${status}. Mend the cause, and run it again: it goes on. ` +
        `"cannot create already existing resource" is of an interrupted run: see docs/operations.md#interrupted-runs.`,
    );
}

runCommand(main);
