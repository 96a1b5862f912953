import { rm } from "node:fs/promises";
import { interruptedStatus } from "../../lib/exitStatus";
import { stopLabeling } from "../../local/labeling/control";
import { startCloud, stopCloud } from "../../local/emulator/control";

const attempts = 20;

/** Told to end, the bench ends what it has started: programs get this signal. */
export const benchInterruption = new AbortController();

/** The local cloud of the bench; none is started any more once it has been told to end. */
export const benchCloud = (root: string) => startCloud(root, benchInterruption.signal);

/** Runs the bench; when it is interrupted (Ctrl-C, SIGTERM), its cloud is stopped and its folder removed all the same. */
export async function endingCleanly(folder: string, bench: () => Promise<void>): Promise<void> {
  const interrupted = () => {
    benchInterruption.abort();
    void cleanUp(folder).finally(() => process.exit(interruptedStatus));
  };
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, interrupted);
  try {
    await bench();
  } finally {
    // What fails then, fails because it was told to end; the process ends with the cleaning up.
    if (benchInterruption.signal.aborted) await new Promise(() => {});
    await cleanUp(folder);
  }
}

async function cleanUp(folder: string): Promise<void> {
  await stopLabeling(folder);
  await stopCloud(folder);
  // What is ending may still write.
  await rm(folder, { recursive: true, force: true, maxRetries: attempts, retryDelay: 100 });
}
