import { messageOf } from "../../errors";
import { inParallel } from "../../parallel";
import { readPicture, type HeldOutPicture } from "../pictures/heldOut";
import { thumbnail, type Thumbnail } from "../pictures/thumbnail";
import { renderGallery } from "./render";
import type { DataSource } from "./sources";
import { DataStatistics, Sample } from "./statistics";

export { assetSource, folderSource, type DataSource } from "./sources";

export interface Shown extends HeldOutPicture {
  part: string;
  /** Undefined when the file could not be read; then `problem` says why. */
  picture?: Thumbnail;
  problem?: string;
}

const thumbnailSide = 320;
const parallelReads = 4;

/**
 * A page with a sample of a data set's pictures and figures about all of it. Lines are read once and not kept.
 * @param most pictures that are shown at most
 */
export async function showData(
  source: DataSource,
  labelColumn: string,
  most: number,
): Promise<{ html: string; images: number; shown: number; unreadable: number }> {
  const statistics = new DataStatistics();
  const sample = new Sample<Shown>(most);
  let unreadable = 0;
  for await (const { part, line } of source.lines()) {
    const read = readPicture(line, labelColumn);
    if (!read) {
      unreadable++;
      continue;
    }
    statistics.add(part, read);
    sample.offer({ ...read, part });
  }
  await inParallel(sample.items, parallelReads, async (shown) => {
    try {
      shown.picture = await thumbnail(await source.picture(shown.url), thumbnailSide);
    } catch (error) {
      shown.problem = messageOf(error);
    }
  });
  const html = renderGallery(source, statistics, sample.items, unreadable);
  return { html, images: statistics.images, shown: sample.items.length, unreadable };
}
