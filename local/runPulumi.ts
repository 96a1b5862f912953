import { startCloud } from "./emulator/control";
import { clearDeadLocks } from "./engineLocks";
import { keepingCloud } from "./keepCloud";
import { requireLabelStudio } from "./labeling/required";
import { withPolicies } from "./policies";
import { findEngine, makeSample } from "./preparation";
import { LocalStack } from "./stack";
import { chosenStack, defaultStack, namedConfigFile, withConfigFile, writeStackConfig } from "./stackChoice";
import type { StateFolders } from "./state";

/** Any command of the real CLI on the local cloud; what it prints on the standard output is the CLI's alone. */
export async function runPulumi(folders: StateFolders, args: readonly string[], signal: AbortSignal): Promise<number> {
  await clearDeadLocks(folders);
  const engine = await findEngine(signal, process.stderr);
  await makeSample(folders.sample, signal);
  signal.throwIfAborted();
  const name = chosenStack(args);
  const configFile = await writeStackConfig(name, folders);
  await requireLabelStudio(folders.root, args, namedConfigFile(args) ?? configFile);
  const stack = await LocalStack.open(engine, await startCloud(folders.root, signal), folders, { name });
  signal.throwIfAborted();
  return keepingCloud(folders.root, signal, () =>
    stack.run(withPolicies(name === defaultStack ? args : withConfigFile(args, configFile))),
  );
}
