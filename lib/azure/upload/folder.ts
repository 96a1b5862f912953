import type { ContainerClient } from "@azure/storage-blob";
import { Fingerprint } from "../../content/fingerprint";
import type { FolderContent } from "../../content/folder";
import { KeySet } from "../../content/keySet";
import type { Md5Cache } from "../../content/md5Cache";
import { walkFolder, type LocalFile } from "../../content/walk";
import { combineProblems, UserError } from "../../errors";
import { inParallel } from "../../parallel";
import { BlobWriter } from "./blobWriter";
import { ByteBudget } from "./byteBudget";
import { isContainerMissing } from "./failures";
import { listBlobs } from "./listing";
import { sendFile, singleRequestBytes, type PresentBlobs } from "./sendFile";
import { memoryBytes, writerSettings, type UploadSettings } from "./settings";

export interface FolderUpload extends UploadSettings {
  container: ContainerClient;
  /** Local folder. */
  folder: string;
  /** What an error calls the folder. */
  property: string;
  /** Put before each path: empty, or ending with a slash. */
  prefix: string;
  /** Whether blobs below the prefix that have no local file are removed, once all files are there. @default false */
  removeExtra?: boolean;
  /** MD5s that are known without reading; by default all files are read. */
  md5s?: Pick<Md5Cache, "find">;
  onProgress?: (progress: Progress) => void;
  onWarning?: (warning: string) => void;
}

/** How far an upload is. */
export interface Progress {
  files: number;
  bytes: number;
  totalFiles: number;
  totalBytes: number;
}

export interface UploadResult extends FolderContent {
  /** Files that were there already with the same MD5. */
  skipped: number;
  sentBytes: number;
  /** Blobs without a local file that were removed. */
  removed: number;
}

const shownProblems = 20;

/**
 * Makes `prefix` of the container hold the files of `folder`: one listing, then what is missing or differs by MD5 is sent.
 * Can be repeated at any time: a blob appears only when it is complete. The container is made when it is not there.
 * In memory are 16 to 64 bytes for each blob that is there, and {@link memoryBytes} of content.
 * @throws UserError for files that cannot be read or that change meanwhile, once all others are sent
 */
export async function uploadFolder(upload: FolderUpload): Promise<UploadResult> {
  const { container, folder, property, prefix, onProgress = () => {} } = upload;
  const settings = writerSettings(upload);
  const writer = new BlobWriter(container, settings);
  const progress: Progress = { files: 0, bytes: 0, totalFiles: 0, totalBytes: 0 };
  const localPaths = upload.removeExtra ? new KeySet() : undefined;
  const count = async () => {
    for await (const { path, size } of walkFolder(folder, property, upload.onWarning)) {
      progress.totalFiles++;
      progress.totalBytes += size;
      localPaths?.add(path);
    }
  };
  // Names and links that cannot be uploaded are told before anything is sent.
  await count();
  if (localPaths?.size === 0) {
    throw new UserError(
      `${property} is "${folder}", which holds no file, and everything at the target would be removed. Give another folder, or leave removeExtra out.`,
    );
  }
  const present = await findPresent(writer, prefix);
  onProgress(progress);

  const result = { skipped: 0, sentBytes: 0, bytes: 0 };
  const fingerprint = new Fingerprint();
  const problems: string[] = [];
  const budget = new ByteBudget(memoryBytes);
  const send = async (file: LocalFile) => {
    try {
      const known = upload.md5s?.find(file);
      const { md5, sent } =
        known !== undefined && present.has(file.path, known)
          ? { md5: known, sent: false }
          : await sendFile(writer, budget, file, `${prefix}${file.path}`, present);
      fingerprint.add(file.path, md5);
      result.bytes += file.size;
      if (sent) result.sentBytes += file.size;
      else result.skipped++;
    } catch (error) {
      if (!(error instanceof UserError)) {
        writer.stop(error);
        throw error;
      }
      problems.push(error.message);
    }
    progress.files++;
    progress.bytes += file.size;
    onProgress(progress);
  };
  await inParallel(walkFolder(folder, property), settings.concurrency, send);
  if (problems.length > 0) throw problemsOf(problems);
  const removed = localPaths ? await removeExtra(writer, prefix, localPaths) : 0;
  return { ...result, files: fingerprint.files, fingerprint: fingerprint.toString(), removed };
}

/** One listing of what is there; makes the container when it is not. */
async function findPresent(writer: BlobWriter, prefix: string): Promise<PresentBlobs> {
  const [contents, largeSizes] = [new KeySet(), new KeySet()];
  try {
    for await (const { path, size, md5 } of listBlobs(writer, prefix)) {
      contents.add(path, md5);
      if (size > singleRequestBytes) largeSizes.add(path, String(size));
    }
  } catch (error) {
    if (!isContainerMissing(error)) throw error;
    await writer.makeContainer();
  }
  return {
    has: (path, md5) => contents.has(path, md5),
    hasSize: (path, size) => largeSizes.has(path, String(size)),
  };
}

async function removeExtra(writer: BlobWriter, prefix: string, localPaths: KeySet): Promise<number> {
  let removed = 0;
  await inParallel(listBlobs(writer, prefix), 16, async ({ path }) => {
    if (localPaths.has(path)) return;
    await writer.remove(`${prefix}${path}`);
    removed++;
  });
  return removed;
}

function problemsOf(problems: readonly string[]): UserError {
  const [first] = problems;
  if (problems.length === 1 && first) return new UserError(first);
  const more = problems.length - shownProblems;
  const shown = [...problems.slice(0, shownProblems), ...(more > 0 ? [`and ${more} more`] : [])];
  return combineProblems(`${problems.length} files were not uploaded:`, shown);
}
