/** A box in shares of the picture's width and height. */
export interface Box {
  topX: number;
  topY: number;
  bottomX: number;
  bottomY: number;
}

export interface Detection extends Box {
  label: string;
  /** Confidence from 0 to 1. */
  score: number;
}

/** Two boxes of one label that overlap so much are the same object, as mAP@0.5 has it. */
export const sameObjectIou = 0.5;
/** Boxes below are guesses, which two good models make differently. */
export const confidentScore = 0.3;

/** Intersection over union of two boxes. */
export function iou(a: Box, b: Box): number {
  const width = Math.min(a.bottomX, b.bottomX) - Math.max(a.topX, b.topX);
  const height = Math.min(a.bottomY, b.bottomY) - Math.max(a.topY, b.topY);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (areaOf(a) + areaOf(b) - shared);
}

function areaOf({ topX, topY, bottomX, bottomY }: Box): number {
  return (bottomX - topX) * (bottomY - topY);
}

/**
 * How far two models agree on the same pictures: boxes that both found, twice, by all boxes of both (the F1 of the one
 * measured by the other). 1 when neither found any.
 */
export function agreement(left: readonly Detection[][], right: readonly Detection[][]): number {
  let all = 0;
  let shared = 0;
  for (const [index, boxes] of left.entries()) {
    const [ours, theirs] = [confident(boxes), confident(right[index] ?? [])];
    all += ours.length + theirs.length;
    shared += 2 * matches(ours, theirs);
  }
  return all === 0 ? 1 : shared / all;
}

export function confident(boxes: readonly Detection[]): Detection[] {
  return boxes.filter(({ score }) => score >= confidentScore);
}

/** Pairs of one label that overlap enough, the best overlap first, each box once. */
function matches(left: readonly Detection[], right: readonly Detection[]): number {
  const pairs = left
    .flatMap((a) => right.filter(({ label }) => label === a.label).map((b) => ({ a, b, overlap: iou(a, b) })))
    .filter(({ overlap }) => overlap >= sameObjectIou)
    .sort((first, second) => second.overlap - first.overlap);
  const taken = new Set<Detection>();
  let count = 0;
  for (const { a, b } of pairs) {
    if (taken.has(a) || taken.has(b)) continue;
    taken.add(a).add(b);
    count++;
  }
  return count;
}
