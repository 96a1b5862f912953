import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const stopLimitMs = 10_000;
const pollMs = 50;

export function isAlive(pid: number): boolean {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether a process lives and its command line has this word: after a restart of the machine the number may belong to
 * another program. Where the system does not tell command lines, a living process is taken for the one that is meant.
 */
export async function isRunning(pid: number, word: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => undefined);
  return command === undefined || command.includes(word);
}

/** Ends a background process with its group, if it is the one whose command line has this word; true when it ran. */
export async function endProcess(pid: number, word: string): Promise<boolean> {
  if (!(await isRunning(pid, word))) return false;
  await endGroup(pid);
  return true;
}

/**
 * Asks a process that has a group of its own to end, which ends its children in its order; what is left of the group then, or
 * after 10 s, is made to.
 */
export async function endGroup(pid: number): Promise<void> {
  signal(pid, "SIGTERM");
  const deadline = Date.now() + stopLimitMs;
  while (isAlive(pid) && Date.now() < deadline) await sleep(pollMs);
  signal(-pid, "SIGKILL");
}

function signal(target: number, name: NodeJS.Signals): void {
  try {
    process.kill(target, name);
  } catch {
    // It has ended.
  }
}
