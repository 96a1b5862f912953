/** A run of a job that trained a model. */
export interface Trial {
  run: string;
  /** Primary metric; null or NaN when the run logged none. */
  metric: number | null;
  /** Whether it came to its end: a run that was stopped may have left half a model. */
  finished: boolean;
}

/** The trial that the service itself calls a job's best. */
export interface NamedBest {
  /** Tag `automl_best_child_run_id` of an AutoML job. */
  bestChild?: string;
  /** Property `best_child_run_id` of a sweep job. */
  sweepBestChild?: string;
}

/** Validation data; the figures of two models can be compared only when both were measured on the same. */
export interface DataVersion {
  /** Name of the data asset; undefined where it was not recorded. */
  asset?: string;
  version: string;
}

/** A job's best model, which may become the champion. */
export interface Candidate {
  job: string;
  /** Run that trained the model. */
  trial: string;
  /** Primary metric; null or NaN when the trial logged none. */
  metric: number | null;
  /** Average precision of each label that the trial reported. */
  perLabel: Record<string, number>;
  /** Data that the figures were measured on. */
  data: DataVersion;
  /** Images in that data; null when nobody counted them. */
  images: number | null;
  /** Why it is this trial of its job, where that is not plain. */
  note?: string;
}

/**
 * A job's trials, the best first: the one that the job names, then by metric, of equal ones the earlier. Those without a
 * metric are left out, and so are those that did not come to their end, unless the job names one.
 */
export function rankTrials<T extends Trial>(trials: readonly T[], { bestChild, sweepBestChild }: NamedBest = {}): T[] {
  const has = (run: string | undefined) => trials.some((trial) => trial.run === run && isFigure(trial.metric));
  const named = has(bestChild) ? bestChild : has(sweepBestChild) ? sweepBestChild : undefined;
  const ranked = trials
    .filter(({ run, metric, finished }) => isFigure(metric) && (finished || run === named))
    .sort((a, b) => Number(b.metric) - Number(a.metric));
  const [first] = ranked.filter(({ run }) => run === named);
  return first ? [first, ...ranked.filter((trial) => trial !== first)] : ranked;
}

export function isFigure(metric: number | null): metric is number {
  return typeof metric === "number" && Number.isFinite(metric);
}

/** Whether figures measured on the one can be compared with figures measured on the other. */
export function sameData(a: DataVersion, b: DataVersion): boolean {
  return a.version === b.version && (a.asset === undefined || b.asset === undefined || a.asset === b.asset);
}

export function dataText({ asset, version }: DataVersion): string {
  return asset === undefined ? version : `${asset}:${version}`;
}

const perLabelKey = /^per_label_metrics\.(.+)\.average_precision$/;

/** Average precision by label, from a run's metrics. */
export function perLabelFigures(metrics: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([key, value]) => {
      const label = perLabelKey.exec(key)?.[1];
      return label === undefined ? [] : [[label, value]];
    }),
  );
}

/** Hash of the inputs in a job's name, `BASE-HASH` or `BASE-HASH-rN`; "unknown" for names of another form. */
export function specHashOf(jobName: string): string {
  return /-([0-9a-f]{10})(?:-r\d+)?$/.exec(jobName)?.[1] ?? "unknown";
}
