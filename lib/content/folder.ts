import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { UserError } from "../errors";

/** A file of a folder, addressed as a blob would be: relative, with forward slashes. */
export interface FolderFile {
  path: string;
  /** Bytes. */
  size: number;
  /** Base64, as the Content-MD5 of a blob. */
  md5: string;
}

/**
 * All files below `folder` in path order, with their MD5.
 * @throws UserError when the folder is not there, or is no folder.
 */
export async function listFolder(folder: string, property: string): Promise<FolderFile[]> {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) {
    throw new UserError(
      `${property} is "${folder}", which is ${found ? "no folder" : "not there"}. Give the path of a folder, relative to the program.`,
    );
  }
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files: FolderFile[] = [];
  for (const path of paths.sort()) {
    files.push({
      path: relative(folder, path).split(sep).join("/"),
      size: (await stat(path)).size,
      md5: await md5Of(path),
    });
  }
  return files;
}

/** Equal for equal paths and contents, whatever the order, the dates or the machine. Short SHA-256, 16 hex digits. */
export function fingerprint(files: readonly Pick<FolderFile, "path" | "md5">[]): string {
  const lines = files.map(({ path, md5 }) => `${path}\t${md5}\n`).sort();
  return createHash("sha256").update(lines.join("")).digest("hex").slice(0, 16);
}

async function md5Of(path: string): Promise<string> {
  const hash = createHash("md5");
  await pipeline(createReadStream(path), hash);
  return hash.digest("base64");
}
