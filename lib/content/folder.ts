import { createHash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { UserError } from "../errors";
import { inParallel } from "../parallel";
import { Fingerprint } from "./fingerprint";
import { Md5Cache } from "./md5Cache";
import { isSameStamp, walkFolder, type LocalFile } from "./walk";

/** What a folder holds. */
export interface FolderContent {
  /** Changes when a file's path or content does; see {@link Fingerprint}. */
  fingerprint: string;
  files: number;
  /** Bytes of all files together. */
  bytes: number;
}

/** Files that are read at once; more do not help, since one thread hashes them all. */
const readers = 4;
/** Files up to this are read at once. */
const singleReadBytes = 1024 * 1024;

/**
 * Fingerprint of all files below a folder. Large folders are remembered in `md5s`, and only what changed is read.
 * @param property what an error calls the folder
 * @param onPath called with the path of each file
 * @throws UserError as {@link walkFolder} does
 */
export async function readFolder(
  folder: string,
  property: string,
  onPath: (path: string) => void = () => {},
  md5s: Promise<Md5Cache> = Md5Cache.open(folder),
): Promise<FolderContent> {
  const cache = await md5s;
  const fingerprint = new Fingerprint();
  let bytes = 0;
  await inParallel(walkFolder(folder, property), readers, async (file) => {
    fingerprint.add(file.path, await md5Of(file, cache));
    bytes += file.size;
    onPath(file.path);
  });
  await cache.save();
  return { fingerprint: fingerprint.toString(), files: fingerprint.files, bytes };
}

/** Base64, as the Content-MD5 of a blob. */
async function md5Of(file: LocalFile, cache: Md5Cache): Promise<string> {
  const known = cache.find(file);
  if (known !== undefined) {
    cache.note(file, known);
    return known;
  }
  const readAt = cache.now();
  const hash = createHash("md5");
  const handle = await open(file.file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  try {
    await readInto(hash, handle, file.size);
    const md5 = hash.digest("base64");
    if (isSameStamp(file, await handle.stat({ bigint: true }))) cache.note(file, md5, readAt);
    return md5;
  } catch (error) {
    throw unreadable(file, error);
  } finally {
    await handle.close();
  }
}

async function readInto(hash: ReturnType<typeof createHash>, handle: FileHandle, size: number): Promise<void> {
  if (size <= singleReadBytes) hash.update(await handle.readFile());
  else await pipeline(handle.createReadStream({ autoClose: false }), hash, { end: false });
}

function unreadable({ file }: LocalFile, error: unknown): UserError {
  const { code } = error as NodeJS.ErrnoException;
  return new UserError(`${JSON.stringify(file)} cannot be read: ${code}. Make it readable, or move it away.`);
}
