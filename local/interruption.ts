import { interruptedStatus } from "../lib/exitStatus";
import { step } from "../lib/terminal";
import { runningCloud, stopCloud } from "./emulator/control";
import type { StateFolders } from "./state";

/**
 * Runs a command that may start the local cloud, and answers its exit status. When it is interrupted (Ctrl-C, SIGTERM) the
 * cloud that it started is stopped again, so that nothing is left running; jobs go on at the next start.
 */
export async function interruptible(
  { root }: StateFolders,
  command: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const wasRunning = (await runningCloud(root)) !== undefined;
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, interrupt);
  try {
    const status = await command(interruption.signal).catch((error: unknown) => {
      // Whatever failed then, failed because it was told to stop.
      if (interruption.signal.aborted) return interruptedStatus;
      throw error;
    });
    if (!interruption.signal.aborted) return status;
    if (!wasRunning) await stopCloud(root);
    step("interrupted; the same command goes on from here");
    return interruptedStatus;
  } finally {
    for (const name of ["SIGINT", "SIGTERM"] as const) process.off(name, interrupt);
  }
}
