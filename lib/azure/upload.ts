import type { ContainerClient } from "@azure/storage-blob";
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { fingerprint, type FolderFile } from "../content/folder";
import { sdk } from "./sdk";

export interface UploadResult {
  files: number;
  bytes: number;
  /** Files that were sent; the rest was already there with the same MD5. */
  uploaded: number;
}

const contentTypes: Record<string, string> = {
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  png: "image/png",
  json: "application/json",
  jsonl: "application/jsonl",
  py: "text/x-python",
  yml: "application/yaml",
};

/** How long a role assignment may take to reach the storage service before a refusal is believed. */
const rolePropagationMs = 5 * 60_000;
const parallelUploads = 16;

/**
 * Makes `prefix` of the container hold the given files of `folder`: one listing, then only what is missing or differs by
 * MD5 is sent. Blobs without a local file stay. Can be repeated at any time; a half-sent blob never counts, because a
 * block blob appears only when it is complete.
 */
export async function uploadFolder(
  container: ContainerClient,
  folder: string,
  files: readonly FolderFile[],
  prefix: string,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<UploadResult> {
  const present = new Map((await listBlobs(container, prefix)).map(({ path, md5 }) => [path, md5]));
  const missing = files.filter(({ path, md5 }) => present.get(path) !== md5);
  let done = files.length - missing.length;
  onProgress(done, files.length);
  const queue = missing[Symbol.iterator]();
  const send = async () => {
    for (const file of queue) {
      await container.getBlockBlobClient(`${prefix}${file.path}`).uploadFile(join(folder, file.path), {
        blobHTTPHeaders: {
          blobContentMD5: Buffer.from(file.md5, "base64"),
          blobContentType: contentTypes[file.path.split(".").at(-1)?.toLowerCase() ?? ""] ?? "application/octet-stream",
        },
      });
      onProgress(++done, files.length);
    }
  };
  await Promise.all(Array.from({ length: parallelUploads }, send));
  return { files: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0), uploaded: missing.length };
}

/** Path below the prefix and MD5 of each blob. Waits for a role assignment that was made a moment ago to take effect. */
export async function listBlobs(
  container: ContainerClient,
  prefix: string,
): Promise<Pick<FolderFile, "path" | "md5">[]> {
  const deadline = Date.now() + rolePropagationMs;
  for (;;) {
    try {
      const blobs: Pick<FolderFile, "path" | "md5">[] = [];
      for await (const { name, properties } of container.listBlobsFlat({ prefix })) {
        blobs.push({
          path: name.slice(prefix.length),
          md5: properties.contentMD5 ? Buffer.from(properties.contentMD5).toString("base64") : "",
        });
      }
      return blobs;
    } catch (error) {
      const propagating =
        error instanceof sdk.blobs.RestError &&
        error.code === "AuthorizationPermissionMismatch" &&
        Date.now() < deadline;
      if (!propagating) throw error;
      await sleep(5_000);
    }
  }
}

/** The fingerprint that `files` would have, as the container holds them now. */
export async function remoteFingerprint(
  container: ContainerClient,
  prefix: string,
  paths: ReadonlySet<string>,
): Promise<string> {
  return fingerprint((await listBlobs(container, prefix)).filter(({ path }) => paths.has(path)));
}
