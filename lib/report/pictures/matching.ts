import { iou, sameObjectIou, type Box, type Detection } from "../../serving/detections";

/** An object that is on a picture. */
export interface TruthBox extends Box {
  label: string;
  /** A crowd is neither found nor missed. */
  isCrowd?: boolean;
}

/** A picture's objects and boxes brought together. */
export interface Matched {
  /** An object and the box that covers it, whatever its label. */
  pairs: { truth: TruthBox; found: Detection }[];
  missed: TruthBox[];
  /** Boxes that cover no object. */
  invented: Detection[];
}

/**
 * Brings boxes to objects that they cover by at least half (IoU 0.5): those with the object's label first, then by overlap,
 * each box and each object once. Boxes on crowds count for nothing.
 */
export function matchBoxes(objects: readonly TruthBox[], detections: readonly Detection[]): Matched {
  const single = objects.filter(({ isCrowd }) => !isCrowd);
  const candidates = single
    .flatMap((truth) => detections.map((found) => ({ truth, found, overlap: iou(truth, found) })))
    .filter(({ overlap }) => overlap >= sameObjectIou)
    .sort((a, b) => Number(isRight(b)) - Number(isRight(a)) || b.overlap - a.overlap);
  const taken = new Set<TruthBox | Detection>();
  const pairs: Matched["pairs"] = [];
  for (const { truth, found } of candidates) {
    if (taken.has(truth) || taken.has(found)) continue;
    taken.add(truth).add(found);
    pairs.push({ truth, found });
  }
  const crowds = objects.filter(({ isCrowd }) => isCrowd);
  const onCrowd = (box: Detection) => crowds.some((crowd) => iou(crowd, box) >= sameObjectIou);
  return {
    pairs,
    missed: single.filter((truth) => !taken.has(truth)),
    invented: detections.filter((found) => !taken.has(found) && !onCrowd(found)),
  };
}

function isRight({ truth, found }: Matched["pairs"][number]): boolean {
  return truth.label === found.label;
}

/** What is wrong on a picture: objects missed, boxes of nothing, and wrong labels. */
export function mistakesOf({ pairs, missed, invented }: Matched): number {
  return missed.length + invented.length + pairs.filter((pair) => !isRight(pair)).length;
}

/** How often objects of a label were found as which label. */
export interface Confusion {
  labels: string[];
  /** By the object's label, then by that of the box. */
  counts: Map<string, Map<string, number>>;
}

/** In place of a label: an object that no box covers, or a box that covers no object. */
export const nothing = "";

export function confusionOf(pictures: readonly Matched[]): Confusion {
  const counts: Confusion["counts"] = new Map();
  const labels = new Set<string>();
  const count = (truth: string, found: string) => {
    for (const label of [truth, found]) if (label !== nothing) labels.add(label);
    const row = counts.get(truth) ?? new Map<string, number>();
    counts.set(truth, row.set(found, (row.get(found) ?? 0) + 1));
  };
  for (const { pairs, missed, invented } of pictures) {
    for (const { truth, found } of pairs) count(truth.label, found.label);
    for (const { label } of missed) count(label, nothing);
    for (const { label } of invented) count(nothing, label);
  }
  return { labels: [...labels].sort(), counts };
}
