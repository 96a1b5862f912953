import { agreement, confident, type Detection } from "./detections";

/** What a deployment answered to the probe pictures. */
export interface Answers {
  /** Requests that were sent. */
  requests: number;
  /** What went wrong, one a failed request. */
  problems: string[];
  /** Milliseconds of each request that succeeded. */
  latenciesMs: number[];
  /** Boxes of each picture, in the pictures' order; null of one that got no answer. */
  boxes: (Detection[] | null)[];
}

export interface ProbeRules {
  /** Largest share of failed requests. */
  maxErrorRate: number;
  /** Largest 95th percentile of latency, by that of what serves now. */
  maxLatencyRatio: number;
  /** By how much the share of pictures without a box may be above that of what serves now. */
  maxEmptyIncrease: number;
  /** Least agreement with the boxes of what serves now, from 0 to 1. */
  minAgreement: number;
}

/** Figures of one round of probes; those that need a deployment to compare with are null without one. */
export interface ProbeFigures {
  requests: number;
  errorRate: number;
  p95Ms: number | null;
  servingP95Ms: number | null;
  emptyShare: number;
  servingEmptyShare: number | null;
  agreement: number | null;
}

/** A quick model's p95 of a handful of requests moves by so much from nothing but noise. */
const latencySlackMs = 250;

/** Boxes are compared on the pictures that both answered: one that serves badly is no measure for what replaces it. */
export function figuresOf(candidate: Answers, serving: Answers | undefined): ProbeFigures {
  const pairs = candidate.boxes.flatMap((ours, index) => {
    const theirs = serving?.boxes[index];
    return ours && theirs ? [{ ours, theirs }] : [];
  });
  const compare = pairs.length > 0;
  return {
    requests: candidate.requests,
    errorRate: candidate.requests === 0 ? 0 : candidate.problems.length / candidate.requests,
    p95Ms: percentile95(candidate.latenciesMs),
    servingP95Ms: serving ? percentile95(serving.latenciesMs) : null,
    emptyShare: emptyShareOf(
      compare ? pairs.map(({ ours }) => ours) : candidate.boxes.filter((found) => found !== null),
    ),
    servingEmptyShare: compare ? emptyShareOf(pairs.map(({ theirs }) => theirs)) : null,
    agreement: compare
      ? agreement(
          pairs.map(({ theirs }) => theirs),
          pairs.map(({ ours }) => ours),
        )
      : null,
  };
}

/** What breaks the rules, each with its figure and the limit; none when all is well. */
export function brokenRules(figures: ProbeFigures, rules: ProbeRules, problems: readonly string[]): string[] {
  const { errorRate, p95Ms, servingP95Ms, emptyShare, servingEmptyShare } = figures;
  const broken: string[] = [];
  if (errorRate > rules.maxErrorRate)
    broken.push(
      `error rate ${rounded(errorRate)}, at most ${rules.maxErrorRate} (maxErrorRate); the first: ${problems[0] ?? "?"}`,
    );
  if (p95Ms !== null && servingP95Ms !== null) {
    const limit = servingP95Ms * rules.maxLatencyRatio + latencySlackMs;
    if (p95Ms > limit)
      broken.push(
        `p95 ${Math.round(p95Ms)} ms against ${Math.round(servingP95Ms)} ms, at most ${rules.maxLatencyRatio} times that and ${latencySlackMs} ms (maxLatencyRatio)`,
      );
  }
  if (servingEmptyShare !== null && emptyShare > servingEmptyShare + rules.maxEmptyIncrease)
    broken.push(
      `pictures without a box ${rounded(emptyShare)} against ${rounded(servingEmptyShare)}, at most ${rules.maxEmptyIncrease} more (maxEmptyIncrease)`,
    );
  if (figures.agreement !== null && figures.agreement < rules.minAgreement)
    broken.push(`agreement ${rounded(figures.agreement)}, at least ${rules.minAgreement} (minAgreement)`);
  return broken;
}

/** One line with all figures. */
export function describeFigures(figures: ProbeFigures): string {
  const { requests, errorRate, p95Ms, servingP95Ms, emptyShare, servingEmptyShare } = figures;
  const against = (value: string | null) => (value === null ? "" : ` against ${value}`);
  return [
    `${requests} requests, error rate ${rounded(errorRate)}`,
    p95Ms === null
      ? ""
      : `p95 ${Math.round(p95Ms)} ms${against(servingP95Ms === null ? null : `${Math.round(servingP95Ms)} ms`)}`,
    `pictures without a box ${rounded(emptyShare)}${against(servingEmptyShare === null ? null : String(rounded(servingEmptyShare)))}`,
    figures.agreement === null ? "" : `agreement ${rounded(figures.agreement)}`,
  ]
    .filter((part) => part !== "")
    .join(", ");
}

function emptyShareOf(boxes: readonly Detection[][]): number {
  return boxes.length === 0 ? 0 : boxes.filter((found) => confident(found).length === 0).length / boxes.length;
}

function percentile95(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? null;
}

function rounded(value: number): number {
  return Number(value.toFixed(3));
}
