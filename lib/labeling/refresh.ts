import type { ContainerClient } from "@azure/storage-blob";
import { BlobLock } from "../azure/blobLock";
import type { LabelStudioClient } from "./client";
import type { ImageSigning } from "./connection";
import { ImageTasks, listImages } from "./images";
import { folderOf } from "./mark";
import { syncTasks } from "./syncTasks";

/** Where the images of a project lie. */
export interface ImagesFolder {
  container: ContainerClient;
  account: string;
  /** Folder in the container, with its slash. */
  prefix: string;
}

export interface RefreshSettings {
  client: LabelStudioClient;
  projectId: number;
  signing: ImageSigning;
  place: ImagesFolder;
  lock: BlobLock;
  print: (line: string) => void;
  /** Makes what is told how much of something is done. */
  reporter: (what: string, unit: string) => (done: number, total: number) => void;
}

/** How long to wait for another run that works on the same project. */
const lockWaitMs = 10 * 60_000;

/** Runs `work` as the project's one writer of tasks among all machines. */
export function asOneWriter<R>(
  container: ContainerClient,
  { mark, title }: { mark: string; title: string },
  work: (lock: BlobLock) => Promise<R>,
): Promise<R> {
  const settings = { what: `labeling project ${title}`, waitMs: lockWaitMs, onWait: console.log };
  return BlobLock.holding(container, `${folderOf(mark)}/lock.json`, settings, work);
}

/** Makes the tasks those of the images that are there now. @returns when, ISO 8601 */
export async function refreshTasks(settings: RefreshSettings): Promise<string> {
  const { client, projectId, signing, place, lock, print, reporter } = settings;
  const { container, account, prefix } = place;
  const now = new Date();
  const reports = new Map<string, (done: number, total: number) => void>();
  const { images, added, removed, restored, duplicates } = await syncTasks({
    client,
    projectId,
    images: listImages(container, prefix),
    tasks: new ImageTasks(signing, { account, container: container.containerName, prefix }, now.getTime()),
    ledger: lock,
    now: now.toISOString(),
    onProgress: (what, done, total) => {
      if (total === 0) return;
      let report = reports.get(what);
      if (!report) reports.set(what, (report = reporter(`Labeling, ${what}`, "images")));
      report(done, total);
    },
  });
  const rest = Object.entries({ removed, restored, duplicates }).filter(([, count]) => count > 0);
  print(`Labeling: ${images} images, ${added} new tasks${rest.map(([what, count]) => `, ${count} ${what}`).join("")}`);
  return now.toISOString();
}
