import { setTimeout as sleep } from "node:timers/promises";
import lockfile from "proper-lockfile";

const pollMs = 200;

export interface LockSettings {
  /** A holder that gives no sign of life for this long is taken for dead. */
  staleMs: number;
  /** How long another holder is waited for. @default without an end */
  limitMs?: number;
  /** Ends the waiting. */
  signal?: AbortSignal;
}

/** Waits for a lock of a path, which need not exist, and answers what gives it up. @throws Error ELOCKED when it was not given up in time */
export async function lockPath(path: string, { staleMs, limitMs, signal }: LockSettings): Promise<() => Promise<void>> {
  const deadline = limitMs === undefined ? Infinity : Date.now() + limitMs;
  for (;;) {
    try {
      return await lockfile.lock(path, { realpath: false, stale: staleMs });
    } catch (error) {
      if ((error as { code?: string }).code !== "ELOCKED" || Date.now() > deadline) throw error;
      await sleep(pollMs, undefined, { signal });
    }
  }
}
