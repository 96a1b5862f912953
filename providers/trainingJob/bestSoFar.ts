import { primaryMetric } from "../../lib/azure/jobs";
import type { TrackedRun } from "../../lib/azure/mlflow";

/** The best value of the primary metric that the trials of a job have had. Tracking tells of a running one its last value alone. */
export class BestSoFar {
  private best = -Infinity;
  private readonly known = new Set<string>();

  /** @param historyOf all values that a run has logged; undefined when they cannot be asked for now */
  constructor(private readonly historyOf: (runId: string) => Promise<readonly number[] | undefined>) {}

  /**
   * The best that is known after what tracking says now. What a trial had before it was first seen is asked for once:
   * another `up` may have watched it.
   */
  async of(trials: readonly TrackedRun[]): Promise<number> {
    for (const { runId, metrics } of trials) {
      const last = metrics[primaryMetric];
      if (last === undefined) continue;
      this.take(last);
      if (this.known.has(runId)) continue;
      const history = await this.historyOf(runId);
      if (!history) continue;
      this.known.add(runId);
      history.forEach((value) => this.take(value));
    }
    return this.best;
  }

  private take(value: number): void {
    if (Number.isFinite(value) && value > this.best) this.best = value;
  }
}
