import { execFileSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";

/** Kills with SIGKILL a process and all that came from it, and waits for its end. */
export async function killTree(child: ChildProcess): Promise<void> {
  const closed = once(child, "close");
  const pid = child.pid ?? 0;
  // The oldest first, since one that sees another end would still write that down.
  for (const one of [
    pid,
    ...below(pid)
      .map((found) => found.pid)
      .reverse(),
  ])
    kill(one);
  await closed;
}

/** What of the processes that came from this one is of a command line, the youngest first. */
export function ownProcesses(command: RegExp): number[] {
  return below(process.pid).flatMap((found) => (command.test(found.command) ? [found.pid] : []));
}

function below(pid: number): { pid: number; command: string }[] {
  const table = execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" })
    .split("\n")
    .flatMap((line) => {
      const [, child, parent, command = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return child ? [{ pid: Number(child), parent: Number(parent), command }] : [];
    });
  const from = (parent: number): { pid: number; command: string }[] =>
    table.flatMap((found) => (found.parent === parent ? [...from(found.pid), found] : []));
  return from(pid);
}

export function kill(pid: number): void {
  if (pid <= 0) return;
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Ended by itself.
  }
}
