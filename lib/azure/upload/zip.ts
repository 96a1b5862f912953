import type { ContainerClient } from "@azure/storage-blob";
import { createHash } from "node:crypto";
import { Fingerprint } from "../../content/fingerprint";
import type { FolderContent } from "../../content/folder";
import { KeySet } from "../../content/keySet";
import { UserError } from "../../errors";
import { inParallel } from "../../parallel";
import { Zip, type ZipEntry } from "../../zip";
import { BlobWriter } from "./blobWriter";
import { ByteBudget } from "./byteBudget";
import { listBlobs, type ListedBlob } from "./listing";
import { memoryBytes, writerSettings, type UploadSettings } from "./settings";

export interface ZipUpload extends UploadSettings {
  container: ContainerClient;
  zipFile: string;
  /** Folder of the zip whose files are meant, with a slash at the end; the rest is not looked at. */
  inside: string;
  /** Put before each path below that folder; ends with a slash. */
  prefix: string;
  onProgress?: (files: number, total: number) => void;
}

/** Larger ones are no pictures, and would not fit into memory many times over. */
const largestEntry = 256 * 1024 * 1024;

/**
 * Makes `prefix` of the container hold the files of a zip, which is never unpacked. A blob that came from the same entry is
 * known by its metadata `crc32`, so that nothing of the zip is read to find out that it is there.
 * @throws UserError when the zip is damaged
 */
export async function uploadZip(upload: ZipUpload): Promise<FolderContent & { skipped: number }> {
  const { container, zipFile, inside, prefix, onProgress = () => {} } = upload;
  const settings = writerSettings(upload);
  const writer = new BlobWriter(container, settings);
  const present = new KeySet();
  for await (const blob of listBlobs(writer, prefix)) {
    if (isFromZip(blob)) present.add(blob.path, blob.metadata.crc32, String(blob.size));
  }
  const wanted = new KeySet();
  const result = { files: 0, bytes: 0, skipped: 0 };
  const budget = new ByteBudget(memoryBytes);
  await Zip.using(zipFile, (zip) =>
    inParallel(zip.files(), settings.concurrency, async (entry) => {
      if (!entry.name.startsWith(inside)) return;
      const path = entry.name.slice(inside.length);
      const key = [path, crcText(entry), String(entry.size)];
      wanted.add(...key);
      if (present.has(...key)) result.skipped++;
      else await budget.holding(entry.size, () => send(writer, entry, `${prefix}${path}`));
      result.files++;
      result.bytes += entry.size;
      onProgress(result.files, zip.entryCount);
    }).catch((error: unknown) => {
      writer.stop(error);
      throw error;
    }),
  );
  if (result.files === 0) {
    throw new UserError(`${zipFile} has no file below ${inside}. Delete it if it is another zip, and run again.`);
  }
  const fingerprint = new Fingerprint();
  for await (const blob of listBlobs(writer, prefix)) {
    if (isFromZip(blob) && wanted.has(blob.path, blob.metadata.crc32, String(blob.size)))
      fingerprint.add(blob.path, blob.md5);
  }
  if (fingerprint.files !== wanted.size) {
    throw new UserError(
      `${wanted.size - fingerprint.files} files of ${zipFile} are not in the container although they were sent. Has something else changed it? Run again.`,
    );
  }
  return { ...result, fingerprint: String(fingerprint) };
}

/** Whether a blob was made by {@link uploadZip}, and by nothing after it: another write takes the metadata away. */
export function isFromZip(blob: ListedBlob): blob is ListedBlob & { metadata: { crc32: string } } {
  return blob.metadata.crc32 !== undefined && blob.md5 !== "";
}

async function send(writer: BlobWriter, entry: ZipEntry, name: string): Promise<void> {
  if (entry.size > largestEntry) throw new UserError(`${entry.name} has ${entry.size} bytes, too many for a picture.`);
  const body = await entry.read();
  await writer.put(name, body, createHash("md5").update(body).digest(), { crc32: crcText(entry) });
}

function crcText({ crc32 }: ZipEntry): string {
  return crc32.toString(16).padStart(8, "0");
}
