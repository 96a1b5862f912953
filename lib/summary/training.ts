import { isTerminal } from "../azure/jobs";
import { plural } from "../plural";

/** A job of the stack, and what its trials took. */
export interface Training {
  name: string;
  status: string;
  trials: number;
  /** Best figure of its trials; null when none has one. */
  best: number | null;
  /** Hours of all nodes that its trials ran on; null where they are not on record. */
  nodeHours: number | null;
  vmSize: string | null;
  /** When it ended, as ISO 8601 time in UTC; null while it runs, and where it is not on record. */
  endedAt: string | null;
  /** Whether it ended in this `up`, and was not there before. */
  isNew: boolean;
}

/** What the state has of a job; that of an earlier version of this program lacks times. */
interface JobState {
  jobName?: string;
  runName?: string;
  status?: string;
  trials?: readonly { metric: number | null }[];
  nodeHours?: number | null;
  endedAt?: string | null;
  bounds?: { vmSize?: string };
}

/**
 * @param state the inputs and outputs of the training job's resource
 * @param begun when the `up` began, in milliseconds since 1970
 */
export function trainingOf(state: JobState, begun: number): Training {
  const { runName, jobName = "a job", status = "NotSubmitted", trials = [], nodeHours, endedAt, bounds } = state;
  const figures = trials.flatMap(({ metric }) => (metric === null ? [] : [metric]));
  return {
    name: runName ?? jobName,
    status,
    trials: trials.length,
    best: figures.length > 0 ? Math.max(...figures) : null,
    nodeHours: nodeHours ?? null,
    vmSize: bounds?.vmSize ?? null,
    endedAt: endedAt ?? null,
    // The log tells whole seconds.
    isNew: endedAt ? Date.parse(endedAt) >= begun - 1000 : false,
  };
}

/** What became of a job, in words. */
export function trainingText({ name, status, trials, best, endedAt, isNew }: Training): string {
  if (!isTerminal(status)) return `${name}: ${status}; the next up goes on with it`;
  if (status !== "Completed") return `${name}: ended as ${status}`;
  const figure = best === null ? "without a figure" : `best mAP@0.5 ${best.toFixed(3)}`;
  if (isNew) return `${name}: trained, ${plural(trials, "trial")}, ${figure}`;
  const when = endedAt === null ? "before" : endedAt.slice(0, 10);
  return `${name}: reused, since its inputs have not changed (trained ${when}); ${figure}`;
}
