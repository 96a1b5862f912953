import { primaryMetric } from "../../azure/jobs";
import type { MetricPoint, TrackedRun } from "../../azure/mlflow";
import type { Curve } from "./run";

/** Metrics whose values over the epochs are shown at most; more would be no overview. */
export const mostMetrics = 12;

const first = [primaryMetric, "precision", "recall"];

/** The metrics that have a chart, the ones that models are judged by first, then losses. Per label there are bars. */
export function chartedMetrics(runs: readonly Pick<TrackedRun, "metrics">[]): string[] {
  const rank = (key: string) => (first.includes(key) ? first.indexOf(key) : /loss/i.test(key) ? 10 : 20);
  const all = new Set(runs.flatMap(({ metrics }) => Object.keys(metrics)));
  return [...all]
    .filter((key) => !key.startsWith("per_label_metrics."))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

/** A run's values by step. A step that was logged twice counts as it was logged last, and what is no number is left out. */
export function curveOf(points: readonly MetricPoint[]): Curve {
  const bySteps = new Map<number, number>();
  for (const { step, value } of points) if (Number.isFinite(value)) bySteps.set(step, value);
  const steps = [...bySteps.keys()].sort((a, b) => a - b);
  return { steps, values: steps.map((step) => bySteps.get(step) ?? 0) };
}

/** The first step with the largest value. */
export function bestOf({ steps, values }: Curve): { value: number; step: number } | null {
  let best: { value: number; step: number } | null = null;
  for (const [index, value] of values.entries())
    if (!best || value > best.value) best = { value, step: steps[index] ?? 0 };
  return best;
}

/**
 * At most so many points of a curve, ends included, chosen so that it looks the same (largest triangle, three buckets).
 * @see Steinarsson, Downsampling Time Series for Visual Representation, 2013
 */
export function thinned(curve: Curve, most: number): Curve {
  const { steps, values } = curve;
  if (steps.length <= most || most < 3) return curve;
  const kept = [0];
  const width = (steps.length - 2) / (most - 2);
  for (let bucket = 0; bucket < most - 2; bucket++) {
    const [from, to] = [Math.floor(bucket * width) + 1, Math.floor((bucket + 1) * width) + 1];
    const next = Math.min(steps.length, Math.floor((bucket + 2) * width) + 1);
    const ahead = meanOf(curve, to, Math.max(next, to + 1));
    kept.push(farthest(curve, from, to, kept.at(-1) ?? 0, ahead));
  }
  kept.push(steps.length - 1);
  return { steps: kept.map((index) => steps[index] ?? 0), values: kept.map((index) => values[index] ?? 0) };
}

function meanOf({ steps, values }: Curve, from: number, to: number): { x: number; y: number } {
  const end = Math.min(to, steps.length);
  const count = Math.max(1, end - from);
  const sum = (list: readonly number[]) => list.slice(from, end).reduce((total, value) => total + value, 0);
  return { x: sum(steps) / count, y: sum(values) / count };
}

/** The point of a bucket that makes the largest triangle with the last one kept and what comes. */
function farthest(
  { steps, values }: Curve,
  from: number,
  to: number,
  last: number,
  ahead: { x: number; y: number },
): number {
  const [lastX = 0, lastY = 0] = [steps[last], values[last]];
  let best = from;
  let largest = -1;
  for (let index = from; index < to; index++) {
    const [x = 0, y = 0] = [steps[index], values[index]];
    const area = Math.abs((lastX - ahead.x) * (y - lastY) - (lastX - x) * (ahead.y - lastY));
    if (area > largest) [largest, best] = [area, index];
  }
  return best;
}
