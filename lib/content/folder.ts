import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { UserError } from "../errors";
import { inParallel } from "../parallel";
import { Fingerprint } from "./fingerprint";
import { walkFolder } from "./walk";

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

/**
 * Reads all files below a folder.
 * @param property what an error calls the folder
 * @param onPath called with the path of each file
 * @throws UserError as {@link walkFolder} does
 */
export async function readFolder(
  folder: string,
  property: string,
  onPath: (path: string) => void = () => {},
): Promise<FolderContent> {
  const fingerprint = new Fingerprint();
  let bytes = 0;
  await inParallel(walkFolder(folder, property), readers, async ({ path, file, size }) => {
    fingerprint.add(path, await md5Of(file));
    bytes += size;
    onPath(path);
  });
  return { fingerprint: fingerprint.toString(), files: fingerprint.files, bytes };
}

/** Base64, as the Content-MD5 of a blob. */
async function md5Of(file: string): Promise<string> {
  const hash = createHash("md5");
  try {
    await pipeline(createReadStream(file), hash);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError(`${JSON.stringify(file)} cannot be read: ${code}. Make it readable, or move it away.`);
  }
  return hash.digest("base64");
}
