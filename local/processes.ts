import { readFile } from "node:fs/promises";

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
