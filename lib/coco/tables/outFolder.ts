import { mkdir, mkdtemp, readdir, realpath, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { UserError } from "../../errors";

/** What a folder of tables holds. */
const ownEntries: Record<string, readonly string[]> = {
  train: ["MLTable", "annotations.jsonl"],
  validation: ["MLTable", "annotations.jsonl"],
  "report.json": [],
};

/**
 * A folder that is written as a whole: to a hidden draft beside it, which then takes its place. Whatever ends the process in
 * the meantime, the folder is the old one, the new one, or for a moment not there, and then the next opening brings the old
 * one back.
 */
export class OutFolder {
  private constructor(
    private readonly given: string,
    private readonly folder: string,
  ) {}

  /**
   * Clears away what killed processes left.
   * @throws UserError when the folder holds what is not of this program, so that nothing of others is lost
   */
  static async open(out: string): Promise<OutFolder> {
    const folder = await realpath(out).catch(() => resolve(out));
    return inWords(out, async () => {
      await clearAfterKilled(folder);
      await refuseForeign(folder, out);
      return new OutFolder(out, folder);
    });
  }

  /** @param fill writes the content to the draft; what it throws leaves the folder as it is */
  async replace(fill: (draft: string) => Promise<void>): Promise<void> {
    const parent = dirname(this.folder);
    await inWords(this.given, async () => {
      await mkdir(parent, { recursive: true });
      const draft = await mkdtemp(join(parent, `${prefixOf(this.folder, "draft")}${process.pid}-`));
      try {
        await fill(draft);
        await exchange(draft, this.folder);
      } finally {
        await rm(draft, { recursive: true, force: true });
      }
    });
  }
}

async function inWords<R>(out: string, action: () => Promise<R>): Promise<R> {
  try {
    return await action();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UserError(`The output folder "${out}" cannot be written: ${code}. Give a folder that can.`);
  }
}

async function exchange(draft: string, folder: string): Promise<void> {
  const old = join(dirname(folder), `${prefixOf(folder, "old")}${process.pid}`);
  await rename(folder, old).catch(ignoreMissing);
  await rename(draft, folder);
  await rm(old, { recursive: true, force: true });
}

/** Drafts of another machine, on a shared disk, may be in the making: their names tell. */
function prefixOf(folder: string, what: "draft" | "old"): string {
  return `.${basename(folder)}.${what}-${hostname()}-`;
}

async function clearAfterKilled(folder: string): Promise<void> {
  const parent = dirname(folder);
  const siblings = (await readdir(parent).catch(ignoreMissing)) ?? [];
  for (const what of ["old", "draft"] as const) {
    const prefix = prefixOf(folder, what);
    for (const name of siblings.filter((sibling) => sibling.startsWith(prefix))) {
      if (isAlive(parseInt(name.slice(prefix.length), 10))) continue;
      if (what === "old" && !siblings.includes(basename(folder))) await rename(join(parent, name), folder);
      else await rm(join(parent, name), { recursive: true, force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function refuseForeign(folder: string, out: string): Promise<void> {
  const entries = await readdir(folder).catch(ignoreMissing);
  const foreign: string[] = [];
  for (const entry of entries ?? []) {
    const own = ownEntries[entry];
    if (!own) foreign.push(entry);
    else if (own.length > 0) {
      const inside = await readdir(join(folder, entry));
      foreign.push(...inside.filter((name) => !own.includes(name)).map((name) => `${entry}/${name}`));
    }
  }
  if (foreign.length === 0) return;
  throw new UserError(
    `The output folder "${out}" would be replaced, but holds ${foreign.slice(0, 3).join(", ")}, which is not of this program. Give a new or an empty folder.`,
  );
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
