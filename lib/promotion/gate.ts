import { hasMetric, type Candidate } from "./candidates";

/** The model that serves now, as the tags of its version tell. */
export interface Champion {
  version: string;
  metric: number;
  /** Version of the validation data that the metric was measured on. */
  dataVersion: string;
  trial: string;
}

export interface GateRules {
  /** A candidate below this is never promoted. */
  minimumMetric: number;
  /** A candidate must beat the champion by more than this. */
  minimumDelta: number;
}

export interface Decision {
  promoted: boolean;
  /** For people, with the numbers. */
  reason: string;
}

/**
 * Decides whether a candidate replaces the champion. Metrics are compared only when they were measured on the same
 * validation data; on other data the champion's figure says nothing, so the candidate is held back.
 */
export function decide(
  candidate: Candidate | undefined,
  dataVersion: string,
  champion: Champion | undefined,
  { minimumMetric, minimumDelta }: GateRules,
): Decision {
  const held = (reason: string): Decision => ({ promoted: false, reason });
  if (!candidate || !hasMetric(candidate)) return held("no trial reported a primary metric");
  const figure = candidate.metric.toFixed(4);
  if (candidate.metric < minimumMetric) return held(`${figure} is below the minimum of ${minimumMetric}`);
  if (!champion) return { promoted: true, reason: `first champion: ${figure} reaches the minimum of ${minimumMetric}` };
  if (champion.trial === candidate.trial) return held(`version ${champion.version} is this model already`);
  if (champion.dataVersion !== dataVersion) {
    return held(
      `champion ${champion.version} was measured on validation data ${champion.dataVersion}, the candidate on ${dataVersion}: ` +
        "the figures cannot be compared",
    );
  }
  const delta = candidate.metric - champion.metric;
  const comparison = `${figure} against ${champion.metric.toFixed(4)} of version ${champion.version}`;
  return delta > minimumDelta
    ? { promoted: true, reason: `better by ${delta.toFixed(4)}: ${comparison}` }
    : held(`not better by more than ${minimumDelta}: ${comparison}`);
}

/** Orders versions as numbers ("10" is after "9"); those that are no numbers come first, in text order. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left === right) return a < b ? -1 : a > b ? 1 : 0;
  return left - right;
}

function numberOf(version: string): number {
  return /^\d+$/.test(version) ? Number(version) : -1;
}
