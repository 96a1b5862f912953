import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { linesFile } from "./mlTable";

/**
 * Equal for equal tables and images; short SHA-256, 16 hex digits.
 * @param folder as the conversion wrote it, with a validation part
 */
export async function tablesVersion(imagesFingerprint: string, folder: string): Promise<string> {
  const hash = createHash("sha256").update(imagesFingerprint);
  for (const part of ["train", "validation"]) {
    hash.update("\0");
    for await (const chunk of createReadStream(join(folder, part, linesFile))) hash.update(chunk as Buffer);
  }
  return hash.digest("hex").slice(0, 16);
}
