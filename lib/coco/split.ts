import { createHash } from "node:crypto";

export type Part = "train" | "validation";

/**
 * The part that an image belongs to: a function of its id and the seed alone, so that adding images moves no other one.
 * @param fraction share of the images that validates, between 0 and 1
 */
export function partOf(imageId: number, seed: number, fraction: number): Part {
  return position(imageId, seed) < fraction ? "validation" : "train";
}

/** Uniform in [0, 1). */
function position(imageId: number, seed: number): number {
  return createHash("sha256").update(`${seed}:${imageId}`).digest().readUInt32BE(0) / 2 ** 32;
}

/** A class with at least this many images must be in both parts. */
const rareClass = 5;

/**
 * Splits images, given the labels of each. Where the plain rule leaves a class of {@link rareClass} images or more out of
 * one part, the image of that class that is nearest to the border moves over.
 */
export function split(
  images: readonly { id: number; labels: ReadonlySet<string> }[],
  seed: number,
  fraction: number,
): Map<number, Part> {
  const parts = new Map(images.map(({ id }) => [id, partOf(id, seed, fraction)]));
  const labels = [...new Set(images.flatMap((image) => [...image.labels]))].sort();
  for (const label of labels) {
    const holders = images.filter((image) => image.labels.has(label));
    if (holders.length < rareClass) continue;
    for (const part of ["train", "validation"] as const) {
      if (holders.some(({ id }) => parts.get(id) === part)) continue;
      const [nearest] = [...holders].sort((a, b) => distance(a.id) - distance(b.id) || a.id - b.id);
      if (nearest) parts.set(nearest.id, part);
    }
  }
  return parts;

  function distance(id: number): number {
    return Math.abs(position(id, seed) - fraction);
  }
}
