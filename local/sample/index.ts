import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { lockPath } from "../lock";
import { attribution, categories } from "./catalog";
import { composePicture, type Picture } from "./picture";
import { seededRandom } from "./random";

/** Where the sample lies. The held-out pictures are of the same kind and in no training or validation data. */
export interface SampleFolder {
  imagesFolder: string;
  annotationsFile: string;
  heldOutFolder: string;
  heldOutAnnotationsFile: string;
}

/** Two that make the sample at once would take it from under each other. */
const lock = { staleMs: 10_000, limitMs: 60_000 };
const seed = 20220424;
const trainingImages = 128;
const heldOutImages = 16;
/** Raised when the way in which pictures are made changes, so that an older sample is made anew. */
const recipe = "3";

/**
 * Makes the sample data set on first use: COCO annotations and pictures, the same on every machine. It appears complete
 * or not at all.
 */
export async function ensureSample(
  folder: string,
  onProgress: (done: number, total: number) => void = () => {},
  signal?: AbortSignal,
): Promise<SampleFolder> {
  const sample: SampleFolder = {
    imagesFolder: join(folder, "images"),
    annotationsFile: join(folder, "instances.json"),
    heldOutFolder: join(folder, "heldout", "images"),
    heldOutAnnotationsFile: join(folder, "heldout", "instances.json"),
  };
  const stamp = `${recipe}/${seed}/${trainingImages}/${heldOutImages}\n`;
  const isComplete = async () => (await readFile(join(folder, "STAMP"), "utf8").catch(() => "")) === stamp;
  if (await isComplete()) return sample;

  await mkdir(dirname(folder), { recursive: true });
  const release = await lockPath(folder, { ...lock, signal });
  const draft = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`));
  try {
    // Another process may have made it while this one waited.
    if (await isComplete()) return sample;
    const report = (done: number) => {
      signal?.throwIfAborted();
      onProgress(done, trainingImages + heldOutImages);
    };
    await writeSet(draft, seed, trainingImages, report);
    await writeSet(join(draft, "heldout"), seed + 1, heldOutImages, (done) => report(trainingImages + done));
    await writeFile(join(draft, "ATTRIBUTION.txt"), attribution);
    await writeFile(join(draft, "STAMP"), stamp);
    await rm(folder, { recursive: true, force: true });
    await rename(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
    await release();
  }
  return sample;
}

async function writeSet(
  folder: string,
  setSeed: number,
  count: number,
  onProgress: (done: number) => void,
): Promise<void> {
  await mkdir(join(folder, "images"), { recursive: true });
  const pictures: Picture[] = [];
  for (let index = 0; index < count; index++) {
    const picture = await composePicture(seededRandom(setSeed * 10_007 + index));
    await writeFile(join(folder, "images", fileName(index)), picture.jpeg);
    pictures.push(picture);
    onProgress(index + 1);
  }
  await writeFile(join(folder, "instances.json"), JSON.stringify(cocoOf(pictures)));
}

function fileName(index: number): string {
  return `${String(index + 1).padStart(12, "0")}.jpg`;
}

function cocoOf(pictures: readonly Picture[]): object {
  const annotations = pictures.flatMap(({ objects }, index) =>
    objects.map((object) => ({ ...object, imageId: index + 1 })),
  );
  return {
    info: { description: "Emoji on made backgrounds, in COCO's format", version: recipe, year: 2022 },
    licenses: [{ id: 1, name: "CC-BY 4.0", url: "https://creativecommons.org/licenses/by/4.0/" }],
    categories: categories.map(({ id, name, supercategory }) => ({ id, name, supercategory })),
    images: pictures.map(({ width, height }, index) => ({
      id: index + 1,
      file_name: fileName(index),
      width,
      height,
      license: 1,
    })),
    annotations: annotations.map(({ imageId, categoryId, box }, index) => ({
      id: index + 1,
      image_id: imageId,
      category_id: categoryId,
      bbox: box,
      area: box[2] * box[3],
      iscrowd: 0,
      segmentation: [],
    })),
  };
}
