import type { Job } from "../../lib/azure/jobs";
import type { TrackedRun } from "../../lib/azure/mlflow";
import { barText } from "../../lib/terminal";

/** What a job may cost while it runs: all the nodes that it may use, at their list price. */
export interface CostRate {
  /** USD. */
  perNodeHour: number;
  nodes: number;
}

const ended = new Set(["FINISHED", "FAILED", "KILLED"]);

/** State, trials done and planned, best metric so far; that is -Infinity while no trial has logged one. */
export function describeProgress({ properties }: Job, trials: readonly TrackedRun[], bestMetric: number): string {
  const { limitSettings } = (properties.taskDetails ?? {}) as { limitSettings?: { maxTrials?: number } };
  const done = trials.filter((trial) => ended.has(trial.status)).length;
  const planned = Math.max(trials.length, limitSettings?.maxTrials ?? 1);
  const best = Number.isFinite(bestMetric) ? `, best mAP ${bestMetric.toFixed(3)}` : "";
  return trials.length > 0
    ? `${properties.status}, ${barText(done, planned)}${done}/${planned} trials done${best}`
    : properties.status;
}
