import type { Box } from "./types";

/** A box with the index of its label. */
export interface ScoredBox extends Box {
  label: number;
  score: number;
}

/** Most boxes that a picture is answered with. */
const mostBoxes = 100;

/** Reads the boxes of one picture out of the network's answer: peaks of the heatmaps above the threshold, merged by NMS. */
export function decodeCells(
  output: Float32Array,
  offset: number,
  cells: number,
  labels: number,
  threshold: number,
  nmsIou: number,
): ScoredBox[] {
  const channels = labels + 4;
  const at = (x: number, y: number, channel: number) => output[offset + (y * cells + x) * channels + channel];
  const found: ScoredBox[] = [];
  for (let y = 0; y < cells; y++) {
    for (let x = 0; x < cells; x++) {
      for (let label = 0; label < labels; label++) {
        const logit = at(x, y, label);
        const score = 1 / (1 + Math.exp(-logit));
        if (score < threshold || !isPeak(x, y, label, logit)) continue;
        const [centreX, centreY] = [(x + at(x, y, labels)) / cells, (y + at(x, y, labels + 1)) / cells];
        const [width, height] = [
          Math.exp(Math.min(4, at(x, y, labels + 2))) / cells,
          Math.exp(Math.min(4, at(x, y, labels + 3))) / cells,
        ];
        found.push({
          label,
          score,
          topX: Math.max(0, centreX - width / 2),
          topY: Math.max(0, centreY - height / 2),
          bottomX: Math.min(1, centreX + width / 2),
          bottomY: Math.min(1, centreY + height / 2),
        });
      }
    }
  }
  return suppress(found, nmsIou).slice(0, mostBoxes);

  function isPeak(x: number, y: number, label: number, logit: number): boolean {
    for (let ny = Math.max(0, y - 1); ny <= Math.min(cells - 1, y + 1); ny++) {
      for (let nx = Math.max(0, x - 1); nx <= Math.min(cells - 1, x + 1); nx++) {
        if (at(nx, ny, label) > logit) return false;
      }
    }
    return true;
  }
}

/** Non-maximum suppression within each label; highest scores first. */
export function suppress(boxes: readonly ScoredBox[], iouThreshold: number): ScoredBox[] {
  const kept: ScoredBox[] = [];
  for (const box of [...boxes].sort((a, b) => b.score - a.score)) {
    if (!kept.some((other) => other.label === box.label && intersectionOverUnion(other, box) > iouThreshold))
      kept.push(box);
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
