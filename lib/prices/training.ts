/** What bounds the nodes and the time of an AutoML job. */
export interface JobBounds {
  vmSize: string;
  /** Trials in all. */
  trials: number;
  /** Trials at a time, one a node. */
  concurrentTrials: number;
  /** Nodes of the cluster at most. */
  maxNodes: number;
  /** Time of the whole job; null when its file sets none. */
  timeoutMinutes: number | null;
}

/** What Azure ML uses for image jobs when a job sets no timeout: seven days. */
export const defaultTimeoutMinutes = 7 * 24 * 60;

export interface WorstCase {
  usd: number;
  nodes: number;
  hours: number;
}

/**
 * Most that a job can cost: its timeout is that of all trials together, so at worst all the nodes that it may use run until
 * then. More trials than nodes wait in turn, and cost no more.
 * @param perHour USD of a node and hour
 */
export function worstCaseTraining(bounds: JobBounds, perHour: number): WorstCase {
  const nodes = Math.min(bounds.trials, bounds.concurrentTrials, bounds.maxNodes);
  const hours = (bounds.timeoutMinutes ?? defaultTimeoutMinutes) / 60;
  return { usd: nodes * hours * perHour, nodes, hours };
}
