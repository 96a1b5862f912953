import { startCloud } from "./emulator/control";
import { clearDeadLocks } from "./engineLocks";
import { withPolicies } from "./policies";
import { findEngine, makeSample } from "./preparation";
import { LocalStack } from "./stack";
import type { StateFolders } from "./state";

/** Any command of the real CLI on the local cloud; what it prints on the standard output is the CLI's alone. */
export async function runPulumi(folders: StateFolders, args: readonly string[], signal: AbortSignal): Promise<number> {
  await clearDeadLocks(folders);
  const engine = await findEngine(signal, process.stderr);
  await makeSample(folders.sample, signal);
  signal.throwIfAborted();
  const stack = await LocalStack.open(engine, await startCloud(folders.root, signal), folders);
  signal.throwIfAborted();
  return stack.run(withPolicies(args));
}
