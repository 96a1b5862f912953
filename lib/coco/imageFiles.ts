import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../errors";
import { fileNameFault } from "./tables/imageUrl";
import type { ImageFacts, Images } from "./instances/images";
import { namedAtMost, type FilesReport, type SkipReason } from "./report";

const parallelReads = 16;
/** Sizes mostly stand in the first bytes; behind a thumbnail or a colour profile they do not. */
const headerBytes = [4 * 1024, 256 * 1024, Number.POSITIVE_INFINITY];

export interface FoundFiles {
  report: FilesReport;
  /** Why the image of a place is left out. */
  leftOut: Map<number, SkipReason>;
}

/**
 * Looks for each image's file in a folder and reads its size from its header. Sizes that the annotations lack are taken from
 * there; where they differ, the annotations' size counts, for the boxes are in its pixels.
 * @throws UserError when there is no such folder
 */
export async function findFiles(
  images: Images,
  folder: string,
  onProgress?: (done: number, total: number) => void,
): Promise<FoundFiles> {
  if (!(await stat(folder).catch(() => undefined))?.isDirectory())
    throw new UserError(
      `The images' folder "${folder}" is not there, or is no folder. Give the folder of the file names.`,
    );
  const { imageSize } = await import("image-size");
  const outcomes = new Map<number, Outcome>();
  const queue = images.order.values();
  const lane = async () => {
    for (const place of queue) {
      const image = images.at(place);
      if (!image?.fileName || fileNameFault(image.fileName)) continue;
      outcomes.set(place, await sizeOf(join(folder, image.fileName), imageSize));
      onProgress?.(outcomes.size, images.order.length);
    }
  };
  await Promise.all(Array.from({ length: parallelReads }, lane));
  return summarize(images, outcomes);
}

type Outcome = { width: number; height: number } | "missing_file" | "unreadable_file";

async function sizeOf(path: string, parse: (bytes: Uint8Array) => { width: number; height: number }): Promise<Outcome> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => error.code ?? "");
  if (typeof file === "string") return file === "ENOENT" || file === "ENOTDIR" ? "missing_file" : "unreadable_file";
  try {
    const { size } = await file.stat();
    for (const most of headerBytes) {
      const bytes = new Uint8Array(Math.min(most, size));
      await file.read(bytes, 0, bytes.length, 0);
      try {
        const { width, height } = parse(bytes);
        if (width > 0 && height > 0) return { width, height };
      } catch {
        // Too little of it, or no image.
      }
      if (most >= size) break;
    }
    return "unreadable_file";
  } catch {
    return "unreadable_file";
  } finally {
    await file.close();
  }
}

/** In the images' order, in whichever order the files were read. */
function summarize(images: Images, outcomes: ReadonlyMap<number, Outcome>): FoundFiles {
  const report: FilesReport = { missing: [], unreadable: [], otherSize: [], otherSizeTotal: 0 };
  const leftOut = new Map<number, SkipReason>();
  for (const place of images.order) {
    const outcome = outcomes.get(place);
    const image = images.at(place);
    if (!outcome || !image?.fileName) continue;
    if (typeof outcome === "string") {
      leftOut.set(place, outcome);
      name(outcome === "missing_file" ? report.missing : report.unreadable, image.fileName);
    } else compare(image, outcome, report);
  }
  return { report, leftOut };
}

function compare(image: ImageFacts, actual: { width: number; height: number }, report: FilesReport): void {
  const { fileName = "", width, height } = image;
  if (width === undefined || height === undefined) {
    image.width = actual.width;
    image.height = actual.height;
  } else if (width !== actual.width || height !== actual.height) {
    report.otherSizeTotal++;
    name(report.otherSize, { fileName, declared: [width, height], actual: [actual.width, actual.height] });
  }
}

function name<T>(list: T[], item: T): void {
  if (list.length < namedAtMost) list.push(item);
}
