import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../lib/errors";
import { showError, step } from "../lib/terminal";
import { hasCrashed, startCloud } from "./emulator/control";

const checkMs = 1_000;
/** One that ends again and again has a cause that starting it does not mend. */
const mostStarts = 3;

/**
 * Does work on the local cloud that runs, and starts that again when it is killed meanwhile: its jobs go on from what they have
 * kept, and what waits for them waits through the outage.
 */
export async function keepingCloud<T>(root: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const done = new AbortController();
  const keeping = keep(root, AbortSignal.any([signal, done.signal]));
  try {
    return await work();
  } finally {
    done.abort();
    await keeping;
  }
}

async function keep(root: string, signal: AbortSignal): Promise<void> {
  try {
    for (let starts = 0; starts < mostStarts;) {
      await sleep(checkMs, undefined, { signal });
      if (!(await hasCrashed(root))) continue;
      step("the local Azure has ended, and is started again", process.stderr);
      await startCloud(root, signal);
      starts++;
    }
  } catch (error) {
    if (!signal.aborted) showError(messageOf(error));
  }
}
