import { mkdir, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { download } from "../download";
import { DamagedZip, Zip } from "../zip";
import { filesOf, parts, type Coco2017Files, type Coco2017Part } from "./parts";

export { filesOf, parts, type Coco2017Files, type Coco2017Part } from "./parts";

type OnBytes = (what: string) => (done: number, total: number | undefined) => void;

/** The instances file of a part: downloaded and unpacked, unless it is there. */
export async function fetchInstances(files: Coco2017Files, onBytes: OnBytes): Promise<void> {
  const { annotationsUrl, annotationsZip, instancesEntry, instances } = files;
  await mkdir(dirname(instances), { recursive: true });
  if (await sizeOf(instances)) return;
  await download({ url: annotationsUrl, file: annotationsZip, onProgress: onBytes(annotationsUrl) });
  await undamaged(annotationsZip, () =>
    Zip.using(annotationsZip, async (zip) => (await zip.find(instancesEntry)).extract(instances)),
  );
}

/** Downloads the zip of the pictures, unless it is there, and hands it on. */
export async function withImages<Result>(
  { imagesUrl, imagesZip }: Coco2017Files,
  onBytes: OnBytes,
  use: (zipFile: string) => Promise<Result>,
): Promise<Result> {
  await mkdir(dirname(imagesZip), { recursive: true });
  await download({ url: imagesUrl, file: imagesZip, onProgress: onBytes(imagesUrl) });
  return undamaged(imagesZip, () => use(imagesZip));
}

/** What a preview can tell of a part that is not uploaded yet; nothing is asked of any server. */
export async function announcement(part: Coco2017Part, baseUrl: string, cacheFolder: string): Promise<string> {
  const { imagesUrl, imagesZip } = filesOf(part, baseUrl, cacheFolder);
  const { images, gigabytes } = parts[part];
  const have = (await sizeOf(imagesZip)) || (await sizeOf(`${imagesZip}.part`));
  return (
    `COCO 2017 ${part}: about ${images.toLocaleString("en")} images, ${gigabytes} GB from ${imagesUrl}, ` +
    `${(have / 1e9).toFixed(1)} GB of it in ${cacheFolder}; "pulumi up" downloads and uploads what is missing. ` +
    "Fingerprint, tables and versions are known after that."
  );
}

/** A download that turns out to be damaged is removed, so that the next run begins anew. */
async function undamaged<Result>(zipFile: string, use: () => Promise<Result>): Promise<Result> {
  try {
    return await use();
  } catch (error) {
    if (error instanceof DamagedZip) await rm(zipFile, { force: true });
    throw error;
  }
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}
