import { readdir, readFile, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { UserError } from "../lib/errors";
import { isRunning } from "./processes";
import type { StateFolders } from "./state";

/** A lock of another machine (a container on the same folder, say) that is older than this is nobody's. */
const foreignLockMs = 24 * 60 * 60 * 1000;

/**
 * Removes the locks that killed engines have left behind.
 * @throws UserError when an engine is at work on the local stacks
 */
export async function clearDeadLocks({ pulumi }: StateFolders): Promise<void> {
  const folder = join(pulumi, "backend", ".pulumi", "locks");
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries.filter((found) => found.isFile() && found.name.endsWith(".json"))) {
    const file = join(entry.parentPath, entry.name);
    const holder = await holderOf(file);
    if (holder) {
      throw new UserError(
        `Another pulumi command (${holder}) is at work on the local stack. Wait until it has ended, or end it; then run this again.`,
      );
    }
    await rm(file, { force: true });
  }
}

/** Who holds a lock, for people; undefined when nobody does. */
async function holderOf(file: string): Promise<string | undefined> {
  const { pid, hostname: host } = await readLock(file);
  if (pid === undefined) return undefined;
  if (host === hostname()) return (await isRunning(pid, "pulumi")) ? `process ${pid}` : undefined;
  const made = await stat(file).catch(() => undefined);
  return made && Date.now() - made.mtimeMs < foreignLockMs
    ? `process ${pid} of ${host ?? "another machine"}`
    : undefined;
}

/** A lock that a power cut has emptied names nobody. */
async function readLock(file: string): Promise<{ pid?: number; hostname?: string }> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as { pid?: number; hostname?: string };
  } catch {
    return {};
  }
}
