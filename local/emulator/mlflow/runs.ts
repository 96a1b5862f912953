import { guidOf } from "../guid";
import type { Store, Table } from "../contracts";

export type RunStatus = "SCHEDULED" | "RUNNING" | "FINISHED" | "FAILED" | "KILLED";

/** What JSON has no number for, as protobuf writes it. */
export const noNumbers = ["NaN", "Infinity", "-Infinity"] as const;

export interface MetricPoint {
  key: string;
  value: number | (typeof noNumbers)[number];
  timestamp: number;
  step: number;
}

export interface Run {
  runId: string;
  experimentId: string;
  name: string;
  status: RunStatus;
  startTime: number;
  endTime?: number;
  lifecycleStage: "active" | "deleted";
  params: Record<string, string>;
  tags: Record<string, string>;
  /** Last point of each metric. */
  metrics: Record<string, MetricPoint>;
}

export interface Experiment {
  experimentId: string;
  name: string;
  tags?: Record<string, string>;
  deleted?: boolean;
}

/** Experiments, runs and metric histories of the workspaces. Keys begin with the workspace, so that a listing is a range. */
export class RunStore {
  private readonly experiments: Table<Experiment>;
  private readonly runs: Table<Run>;
  private readonly points: Table<MetricPoint>;

  constructor(private readonly store: Store) {
    this.experiments = store.table("experiments");
    this.runs = store.table("runs");
    this.points = store.table("metrics");
  }

  async ensureExperiment(workspaceId: string, name: string): Promise<Experiment> {
    const experiment = { experimentId: guidOf(workspaceId, name), name };
    if (!this.experiment(workspaceId, experiment.experimentId))
      await this.experiments.put(key(workspaceId, experiment.experimentId), experiment);
    return experiment;
  }

  experiment(workspaceId: string, experimentId: string): Experiment | undefined {
    return this.experiments.get(key(workspaceId, experimentId));
  }

  async putExperiment(workspaceId: string, experiment: Experiment): Promise<void> {
    await this.experiments.put(key(workspaceId, experiment.experimentId), experiment);
  }

  listExperiments(workspaceId: string): Experiment[] {
    return [...this.experiments.list(key(workspaceId, ""))].map(({ value }) => value);
  }

  run(workspaceId: string, runId: string): Run | undefined {
    return this.runs.get(key(workspaceId, runId));
  }

  listRuns(workspaceId: string): Run[] {
    return [...this.runs.list(key(workspaceId, ""))].map(({ value }) => value);
  }

  async put(workspaceId: string, run: Run): Promise<void> {
    await this.runs.put(key(workspaceId, run.runId), run);
  }

  /** Merges into a run; undefined when there is none. */
  async change(workspaceId: string, runId: string, change: (run: Run) => Partial<Run>): Promise<Run | undefined> {
    return this.store.transaction(() => {
      const run = this.run(workspaceId, runId);
      if (!run) return undefined;
      const changed = { ...run, ...change(run) };
      void this.runs.put(key(workspaceId, runId), changed);
      return changed;
    });
  }

  /** Appends points; the same point twice (a repeated request) is one. */
  async log(
    workspaceId: string,
    runId: string,
    points: readonly MetricPoint[],
    params: Record<string, string>,
    tags: Record<string, string>,
  ): Promise<Run | undefined> {
    return this.store.transaction(() => {
      const run = this.run(workspaceId, runId);
      if (!run) return undefined;
      const metrics = { ...run.metrics };
      for (const point of points) {
        const last = metrics[point.key];
        if (!last || point.step >= last.step) metrics[point.key] = point;
        void this.points.put(
          key(workspaceId, runId, point.key, String(point.step).padStart(10, "0"), String(point.timestamp)),
          point,
        );
      }
      const changed = { ...run, metrics, params: { ...run.params, ...params }, tags: { ...run.tags, ...tags } };
      void this.runs.put(key(workspaceId, runId), changed);
      return changed;
    });
  }

  history(workspaceId: string, runId: string, metric: string): MetricPoint[] {
    return [...this.points.list(`${key(workspaceId, runId, metric)}|`)]
      .map(({ value }) => value)
      .filter((point) => point.key === metric);
  }

  /** Forgets the runs of a job that is removed: a later job of its name begins anew. */
  async forgetJob(workspaceId: string, job: string): Promise<void> {
    const isOfJob = ({ runId }: Run) => runId === job || /^_HD(_\d+)?$/.test(runId.slice(job.length));
    const doomed = this.listRuns(workspaceId).filter((run) => run.runId.startsWith(job) && isOfJob(run));
    await this.store.transaction(() => {
      for (const { runId } of doomed) {
        this.removePoints(key(workspaceId, runId));
        void this.runs.remove(key(workspaceId, runId));
      }
    });
  }

  /** Forgets all of a workspace that is removed. */
  async forgetWorkspace(workspaceId: string): Promise<void> {
    await this.store.transaction(() => {
      for (const table of [this.experiments, this.runs])
        for (const entry of [...table.list(key(workspaceId, ""))]) void table.remove(entry.key);
      this.removePoints(key(workspaceId));
    });
  }

  private removePoints(prefix: string): void {
    for (const point of [...this.points.list(`${prefix}|`)]) void this.points.remove(point.key);
  }

  /** Forgets what a run that begins again has logged. */
  async clearLogged(workspaceId: string, runId: string): Promise<void> {
    await this.store.transaction(() => {
      this.removePoints(key(workspaceId, runId));
      const run = this.run(workspaceId, runId);
      if (run) void this.runs.put(key(workspaceId, runId), { ...run, metrics: {}, params: {} });
    });
  }
}

function key(workspaceId: string, ...rest: readonly string[]): string {
  return [workspaceId.toLowerCase(), ...rest].join("|");
}
