import { execFileSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";

/** Kills with SIGKILL a process and all that came from it, the youngest first, and waits for its end. */
export async function killTree(child: ChildProcess): Promise<void> {
  const closed = once(child, "close");
  for (const pid of descendants(child.pid ?? 0)) kill(pid);
  await closed;
}

function descendants(pid: number): number[] {
  const table = execFileSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[] =>
    table.flatMap(([child = 0, of]) => (of === parent ? [...below(child), child] : []));
  return [...below(pid), pid];
}

export function kill(pid: number): void {
  if (pid <= 0) return;
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Ended by itself.
  }
}
