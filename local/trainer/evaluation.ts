import { intersectionOverUnion } from "./decode";
import type { Detection, GroundTruthBox, LabelFigures, Validation } from "./types";

/** Detections of a picture beside what is on it. */
export interface Scored {
  truth: readonly GroundTruthBox[];
  detections: readonly Detection[];
}

/**
 * Mean average precision as the service's default (VOC): a detection is right when it covers a box of its label, that no
 * better-scored one has taken, with at least `iouThreshold`. Crowds are left out, and so are detections of them.
 * @param scoreThreshold detections below it do not count for precision and recall; for the average precision all count
 */
export function evaluate(
  pictures: readonly Scored[],
  labels: readonly string[],
  iouThreshold: number,
  scoreThreshold: number,
): Validation {
  const perLabel: Record<string, LabelFigures> = {};
  for (const label of labels) perLabel[label] = figuresOf(pictures, label, iouThreshold, scoreThreshold);
  const present = Object.values(perLabel).filter(({ count }) => count > 0);
  const mean = (pick: (figures: LabelFigures) => number) =>
    present.length === 0 ? 0 : present.reduce((sum, figures) => sum + pick(figures), 0) / present.length;
  return {
    meanAveragePrecision: mean(({ averagePrecision }) => averagePrecision),
    precision: mean(({ precision }) => precision),
    recall: mean(({ recall }) => recall),
    perLabel,
  };
}

function figuresOf(
  pictures: readonly Scored[],
  label: string,
  iouThreshold: number,
  scoreThreshold: number,
): LabelFigures {
  const verdicts: { score: number; right: boolean }[] = [];
  let count = 0;
  for (const { truth, detections } of pictures) {
    const own = truth.filter((box) => box.label === label);
    const open = new Set(own.filter(({ isCrowd }) => !isCrowd));
    const crowds = own.filter(({ isCrowd }) => isCrowd);
    count += open.size;
    const ordered = detections.filter((detection) => detection.label === label).sort((a, b) => b.score - a.score);
    for (const detection of ordered) {
      const [match] = [...open]
        .map((box) => ({ box, iou: intersectionOverUnion(box, detection) }))
        .filter(({ iou }) => iou >= iouThreshold)
        .sort((a, b) => b.iou - a.iou);
      if (match) open.delete(match.box);
      else if (crowds.some((crowd) => intersectionOverUnion(crowd, detection) >= iouThreshold)) continue;
      verdicts.push({ score: detection.score, right: match !== undefined });
    }
  }
  verdicts.sort((a, b) => b.score - a.score);
  const shown = verdicts.filter(({ score }) => score >= scoreThreshold);
  const right = shown.filter((verdict) => verdict.right).length;
  return {
    averagePrecision:
      count === 0
        ? 0
        : areaUnderCurve(
            verdicts.map((verdict) => verdict.right),
            count,
          ),
    precision: shown.length === 0 ? 0 : right / shown.length,
    recall: count === 0 ? 0 : right / count,
    count,
  };
}

/** Area under the precision-recall curve, precision made falling from the right, over all points (VOC 2010 and later). */
export function areaUnderCurve(verdicts: readonly boolean[], count: number): number {
  let right = 0;
  const points = verdicts.map((verdict, index) => {
    right += verdict ? 1 : 0;
    return { precision: right / (index + 1), recall: right / count };
  });
  let area = 0;
  let ceiling = 0;
  for (let index = points.length - 1; index >= 0; index--) {
    const { precision, recall } = points[index];
    ceiling = Math.max(ceiling, precision);
    area += ceiling * (recall - (points[index - 1]?.recall ?? 0));
  }
  return area;
}
