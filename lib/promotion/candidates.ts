/** A trained model that may become the champion. */
export interface Candidate {
  /** Job that the trial belongs to. */
  job: string;
  /** Run that trained the model. */
  trial: string;
  /** Primary metric; null or NaN when the trial logged none. */
  metric: number | null;
}

export interface TrialTags {
  /** Tag `automl_best_child_run_id` of an AutoML job. */
  bestChild?: string;
  /** Property `best_child_run_id` of a sweep job. */
  sweepBestChild?: string;
}

/**
 * The trial that a job names as its best, else the one with the highest metric; of equal ones the earlier.
 * Undefined when no trial has a metric.
 */
export function bestTrial(trials: readonly Candidate[], tags: TrialTags = {}): Candidate | undefined {
  const named = trials.find(({ trial }) => trial === (tags.bestChild ?? tags.sweepBestChild));
  return named && hasMetric(named) ? named : best(trials);
}

/** The candidate with the highest metric, of equal ones the first; those without a metric do not count. */
export function best<T extends Candidate>(candidates: readonly T[]): T | undefined {
  return candidates
    .filter(hasMetric)
    .reduce<(T & { metric: number }) | undefined>(
      (top, next) => (!top || next.metric > top.metric ? next : top),
      undefined,
    );
}

export function hasMetric<T extends Candidate>(candidate: T): candidate is T & { metric: number } {
  return candidate.metric !== null && Number.isFinite(candidate.metric);
}
