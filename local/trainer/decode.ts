import { cellLayout } from "./cells";
import type { Box } from "./types";

/** A box with the index of its label. */
export interface ScoredBox extends Box {
  label: number;
  score: number;
}

/** Most boxes that a picture is answered with. */
const mostBoxes = 100;
/** Boxes that overlap by more are taken for one object, whatever their labels. */
const sameObjectIou = 0.75;
/**
 * Least certainty of a label, from 0 for a share that chance would give to 1: below it the label is a guess, and a guess is
 * no detection. Of three labels it is a share of 0.4.
 */
const leastCertainty = 0.1;
/** Logarithm of the largest side, in cells: an untrained network may answer anything. */
const largestLogSide = 4;

/**
 * Reads the boxes of one picture out of the network's answer: the peaks of the objectness, each with its most likely label,
 * merged by NMS. The score is the objectness times the share of that label.
 */
export function decodeCells(
  output: Float32Array,
  offset: number,
  cells: number,
  labels: number,
  threshold: number,
  nmsIou: number,
): ScoredBox[] {
  const layout = cellLayout(labels);
  const at = (x: number, y: number, channel: number) => output[offset + (y * cells + x) * layout.channels + channel];
  const found: ScoredBox[] = [];
  for (let y = 0; y < cells; y++) {
    for (let x = 0; x < cells; x++) {
      const logit = at(x, y, layout.objectness);
      const objectness = 1 / (1 + Math.exp(-logit));
      // No share of a label is above 1, so the cell's score cannot be either.
      if (objectness < threshold || !isPeak(x, y, logit)) continue;
      const { label, share, certainty } = likeliest(
        Array.from({ length: labels }, (_, index) => at(x, y, layout.labels + index)),
      );
      const score = objectness * share;
      if (score < threshold || certainty < leastCertainty) continue;
      const side = (channel: number) => Math.exp(Math.min(largestLogSide, at(x, y, layout.box + channel))) / cells;
      const [centreX, centreY] = [(x + at(x, y, layout.box)) / cells, (y + at(x, y, layout.box + 1)) / cells];
      const [width, height] = [side(2), side(3)];
      const box = {
        topX: Math.max(0, centreX - width / 2),
        topY: Math.max(0, centreY - height / 2),
        bottomX: Math.min(1, centreX + width / 2),
        bottomY: Math.min(1, centreY + height / 2),
      };
      found.push({ label, score, ...box });
    }
  }
  return suppress(found, nmsIou).slice(0, mostBoxes);

  function isPeak(x: number, y: number, logit: number): boolean {
    for (let ny = Math.max(0, y - 1); ny <= Math.min(cells - 1, y + 1); ny++) {
      for (let nx = Math.max(0, x - 1); nx <= Math.min(cells - 1, x + 1); nx++) {
        if (at(nx, ny, layout.objectness) > logit) return false;
      }
    }
    return true;
  }
}

/** The label with the highest logit, its share by softmax, and how far that is above chance. */
function likeliest(logits: readonly number[]): { label: number; share: number; certainty: number } {
  const highest = Math.max(...logits);
  const share = 1 / logits.reduce((total, logit) => total + Math.exp(logit - highest), 0);
  const chance = 1 / logits.length;
  return { label: logits.indexOf(highest), share, certainty: chance === 1 ? 1 : (share - chance) / (1 - chance) };
}

/**
 * Non-maximum suppression, highest scores first: within a label above the threshold, and across labels where two boxes are
 * nearly the same.
 */
export function suppress(boxes: readonly ScoredBox[], iouThreshold: number): ScoredBox[] {
  const kept: ScoredBox[] = [];
  for (const box of [...boxes].sort((a, b) => b.score - a.score)) {
    const isCovered = (other: ScoredBox) =>
      intersectionOverUnion(other, box) >
      (other.label === box.label ? iouThreshold : Math.max(iouThreshold, sameObjectIou));
    if (!kept.some(isCovered)) kept.push(box);
  }
  return kept;
}

export function intersectionOverUnion(a: Box, b: Box): number {
  const width = Math.min(a.bottomX, b.bottomX) - Math.max(a.topX, b.topX);
  const height = Math.min(a.bottomY, b.bottomY) - Math.max(a.topY, b.topY);
  if (width <= 0 || height <= 0) return 0;
  const area = (box: Box) => (box.bottomX - box.topX) * (box.bottomY - box.topY);
  const intersection = width * height;
  const union = area(a) + area(b) - intersection;
  return union > 0 ? intersection / union : 0;
}
