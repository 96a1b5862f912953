import type { BigIntStats, Dirent } from "node:fs";
import { opendir, stat } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../errors";

/** A file below a folder, addressed as a blob would be. */
export interface LocalFile {
  /** Relative to the folder, with forward slashes. */
  path: string;
  /** Where the file is on this machine. */
  file: string;
  /** Bytes. */
  size: number;
  stamp: FileStamp;
}

/** By what a file system tells that a file is another one, or was changed. */
export type FileStamp = Pick<BigIntStats, "ino" | "mtimeNs" | "ctimeNs">;

/** Whether a file is still what it was when it was found. */
export function isSameStamp({ size, stamp }: LocalFile, now: BigIntStats): boolean {
  const { ino, mtimeNs, ctimeNs } = stamp;
  return now.size === BigInt(size) && now.ino === ino && now.mtimeNs === mtimeNs && now.ctimeNs === ctimeNs;
}

/** Written by file browsers on their own; they would make new content of a folder that was only looked at. */
const ignored = new Set([".DS_Store", "Thumbs.db", "desktop.ini"]);
const entriesAtOnce = 256;
/** Limit of the service. */
const longestPath = 1024;

/**
 * All files below `folder`, as they are found: nothing is held but the folders on the way. Links are followed, to files and
 * to folders; one that leads back to a folder it lies in is passed over with a warning, since its files come by their own
 * path. Files that begin with a dot are files; {@link ignored} ones, sockets and devices are not.
 * @param property what an error calls the folder
 * @throws UserError when the folder is not there or is none, a link leads nowhere, or a blob cannot have a file's name
 */
export async function* walkFolder(
  folder: string,
  property: string,
  onWarning: (warning: string) => void = () => {},
): AsyncGenerator<LocalFile> {
  const found = await stat(folder, { bigint: true }).catch(() => undefined);
  if (!found?.isDirectory()) {
    throw new UserError(
      `${property} is "${folder}", which is ${found ? "no folder" : "not there"}. Give the path of a folder, relative to the program.`,
    );
  }
  yield* walk(folder, "", [identity(found)], onWarning);
}

async function* walk(
  folder: string,
  prefix: string,
  above: readonly string[],
  onWarning: (warning: string) => void,
): AsyncGenerator<LocalFile> {
  for await (const { entry, target } of targetsIn(folder)) {
    if (!target) continue;
    const [path, file] = [prefix + entry.name, join(folder, entry.name)];
    requireName(path, file);
    const { size, ino, mtimeNs, ctimeNs } = target;
    if (target.isFile()) {
      yield { path: await blobPath(path, file), file, size: Number(size), stamp: { ino, mtimeNs, ctimeNs } };
    } else if (!target.isDirectory()) onWarning(`${file} is no regular file; it is left out.`);
    else if (above.includes(identity(target))) onWarning(`${file} leads back to a folder above it; it is left out.`);
    else yield* walk(file, `${path}/`, [...above, identity(target)], onWarning);
  }
}

/** The entries of a folder, looked at many at once. */
async function* targetsIn(folder: string): AsyncGenerator<{ entry: Dirent; target: BigIntStats | undefined }> {
  let batch: Dirent[] = [];
  const looked = () =>
    Promise.all(batch.map(async (entry) => ({ entry, target: await targetOf(entry, join(folder, entry.name)) })));
  for await (const entry of await opendir(folder, { bufferSize: entriesAtOnce })) {
    if (ignored.has(entry.name)) continue;
    if (batch.push(entry) < entriesAtOnce) continue;
    yield* await looked();
    batch = [];
  }
  yield* await looked();
}

/** What an entry is, through links; undefined for one that is gone again. */
async function targetOf(entry: Dirent, file: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(file, { bigint: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (entry.name.includes("\ufffd")) {
      throw new UserError(`The name of ${JSON.stringify(file)} is no UTF-8, as blob names are. Rename the file.`);
    }
    if (code === "ENOENT" && !entry.isSymbolicLink()) return undefined;
    throw new UserError(
      entry.isSymbolicLink()
        ? `The link ${JSON.stringify(file)} leads nowhere (${code}). Mend it or remove it.`
        : `${JSON.stringify(file)} cannot be read: ${code}. Make it readable for the user who uploads, or move it away.`,
    );
  }
}

/** The service takes a backslash for a slash, in names as in addresses. */
async function blobPath(path: string, file: string): Promise<string> {
  if (!path.includes("\\")) return path;
  const asBlob = path.replaceAll("\\", "/");
  const other = join(file.slice(0, -path.length), asBlob);
  if (await stat(other).catch(() => undefined)) {
    throw new UserError(`${JSON.stringify(file)} and ${other} would be one blob. Rename one of them.`);
  }
  return asBlob;
}

function identity({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

function requireName(path: string, file: string): void {
  // XML, in which the service lists blobs, has no way to write these; it reads a carriage return as a line feed.
  const unlisted = /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/.test(path);
  const why = unlisted
    ? "contains a control character"
    : path.length > longestPath
      ? `has ${path.length} characters and at most ${longestPath} are allowed`
      : undefined;
  if (why) throw new UserError(`The name of ${JSON.stringify(file)} ${why}: no blob can have it. Rename the file.`);
}
