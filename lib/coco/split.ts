import { hash } from "node:crypto";
import type { Id } from "./instances/ids";

export type Part = "train" | "validation";

/**
 * The part that an image belongs to: a function of its id and the seed alone, so that adding images moves no other one.
 * @param fraction share of the images that validates, from 0 to below 1
 */
export function partOf(imageId: Id, seed: number, fraction: number): Part {
  return position(imageId, seed) < fraction ? "validation" : "train";
}

/** Uniform in [0, 1). */
function position(imageId: Id, seed: number): number {
  return parseInt(hash("sha256", `${seed}:${imageId}`).slice(0, 8), 16) / 2 ** 32;
}

/** A class with at least this many images is in both parts. */
const rareClass = 5;

/** Images as the split sees them, by index. */
export interface LabeledImages {
  ids: readonly Id[];
  /** The classes of an image's boxes, each once. */
  classesOf(index: number): readonly string[];
}

/**
 * Splits images by {@link partOf}. Where that leaves a class of {@link rareClass} images or more out of one part, this part
 * borrows an image of the class: the one nearest to the border between the parts whose move takes no other such class out of
 * its part. So images that are added move another one only in one case: when a class no longer needs the image it borrowed,
 * or has one nearer to the border. No rule does without: if adding images never moved one, each image's part would be its own
 * alone, and a class can have five images that are all of one part.
 */
export function split(images: LabeledImages, seed: number, fraction: number): Part[] {
  const parts = images.ids.map((id) => partOf(id, seed, fraction));
  const counts = countHolders(images, parts);
  const isRare = (name: string) => {
    const { train, validation } = counts.get(name) ?? { train: 0, validation: 0 };
    return train + validation < rareClass;
  };
  const missing = (name: string) =>
    !isRare(name) && (counts.get(name)?.train === 0 || counts.get(name)?.validation === 0);
  const moved = new Set<number>();
  const open = [...counts.keys()].filter(missing).sort();
  for (let name = open.shift(); name !== undefined; name = open.shift()) {
    if (!missing(name)) continue;
    const candidates = nearestFirst(name).filter((index) => !moved.has(index));
    const chosen = candidates.find((index) => lostBy(index).length === 0) ?? candidates.at(0);
    if (chosen === undefined) continue;
    open.push(...lostBy(chosen));
    move(chosen);
  }
  return parts;

  function nearestFirst(name: string): number[] {
    const distance = (index: number) => Math.abs(position(images.ids[index], seed) - fraction);
    return images.ids
      .flatMap((id, index) => (images.classesOf(index).includes(name) ? [{ id, index, far: distance(index) }] : []))
      .sort((a, b) => a.far - b.far || (String(a.id) < String(b.id) ? -1 : 1))
      .map(({ index }) => index);
  }

  /** Classes that would be missing in the image's part without it. */
  function lostBy(index: number): string[] {
    return images
      .classesOf(index)
      .filter((name) => !isRare(name) && !missing(name) && counts.get(name)?.[parts[index]] === 1);
  }

  function move(index: number): void {
    const from = parts[index];
    const to = from === "train" ? "validation" : "train";
    parts[index] = to;
    moved.add(index);
    for (const name of images.classesOf(index)) {
      const count = counts.get(name);
      if (!count) continue;
      count[from]--;
      count[to]++;
    }
  }
}

function countHolders(images: LabeledImages, parts: readonly Part[]): Map<string, Record<Part, number>> {
  const counts = new Map<string, Record<Part, number>>();
  parts.forEach((part, index) => {
    for (const name of images.classesOf(index)) {
      let count = counts.get(name);
      if (!count) counts.set(name, (count = { train: 0, validation: 0 }));
      count[part]++;
    }
  });
  return counts;
}
