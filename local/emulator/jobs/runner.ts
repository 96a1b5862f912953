import { messageOf } from "../../../lib/errors";
import type { Cloud, ResourceRecord } from "../contracts";
import type { Run } from "../mlflow/runs";
import type { Timer } from "../time/clock";
import type { JobBody } from "./check";
import { defaultTimeout } from "./childBodies";
import type { Cluster } from "./cluster";
import { clusters } from "./clusters";
import { durationSeconds } from "./duration";
import { JobRuns, primaryMetric } from "./jobRuns";
import type { Runner } from "./running";
import { Sweep } from "./sweep";
import type { Ending } from "./trial";

/** Runs one job: its sweep and their trials, from wherever it stands to its end. */
export class JobRunner implements Runner {
  readonly cluster: Cluster;
  private readonly body: JobBody;
  private readonly runs: JobRuns;
  private readonly sweep: Sweep;
  private deadline: Timer | undefined;

  constructor(
    private readonly job: ResourceRecord,
    private readonly cloud: Cloud,
  ) {
    this.body = job.properties as unknown as JobBody;
    this.runs = new JobRuns(job, cloud);
    this.cluster = clusters.of(this.body.computeId ?? "serverless", cloud);
    this.sweep = new Sweep(job, cloud, this.runs, this.cluster);
  }

  /** Also after a restart, with the same run ids. */
  async run(): Promise<void> {
    const { name } = this.job;
    try {
      if (await this.runs.adoptEnd(name)) return;
      await this.begin();
      const trials = await this.sweep.run();
      if (this.sweep.ended?.kind !== "left") await this.finish(trials);
    } catch (error) {
      if (this.sweep.ended?.kind === "left") return;
      this.cloud.log.error({ err: error, job: name }, "job failed");
      const tags = { "azureml.error": messageOf(error) };
      await this.runs.set(this.runs.sweepId, "Failed");
      await this.runs.set(name, "Failed", { tags });
    } finally {
      this.deadline?.cancel();
    }
  }

  /** Ends the job's trials; the run that is under way closes it. */
  async cancel(): Promise<void> {
    await this.runs.set(this.job.name, "CancelRequested");
    await this.runs.set(this.runs.sweepId, "CancelRequested", {
      tags: { _aml_system_cancellation_requested: "true" },
    });
    this.sweep.end({ kind: "canceled" });
  }

  stop(): void {
    this.sweep.end({ kind: "left" });
  }

  endTrial(runId: string, ending: Ending): boolean {
    return this.sweep.endTrial(runId, ending);
  }

  private async begin(): Promise<void> {
    const { name } = this.job;
    await this.runs.begin();
    const wasCanceled = this.runs.statusOf(name) === "CancelRequested";
    if (wasCanceled) this.sweep.end({ kind: "canceled" });
    else
      for (const runId of [name, this.runs.sweepId]) {
        if (this.runs.statusOf(runId) === "NotStarted") await this.runs.set(runId, "Starting");
        await this.runs.set(runId, "Running");
      }
    const timeout = this.body.taskDetails.limitSettings?.timeout ?? defaultTimeout;
    const started = this.runs.run(name)?.startTime ?? this.cloud.clock.now();
    this.deadline = this.cloud.clock.at(started + durationSeconds(timeout) * 1000, () =>
      this.sweep.end({ kind: "timeout", reason: `The job's timeout of ${timeout} ended the trial.` }),
    );
  }

  private async finish(trials: readonly string[]): Promise<void> {
    const { name } = this.job;
    const { sweepId } = this.runs;
    if (this.sweep.ended?.kind === "canceled") {
      await this.runs.set(sweepId, "Canceled");
      return this.runs.set(name, "Canceled");
    }
    const scoreOf = (run: Run) => Number(run.metrics[primaryMetric]?.value);
    const [best] = this.sweep
      .finished(trials)
      .filter((run) => Number.isFinite(scoreOf(run)))
      .sort((a, b) => scoreOf(b) - scoreOf(a));
    if (!best) {
      await this.runs.set(sweepId, "Failed");
      return this.runs.set(name, "Failed", { tags: { "azureml.error": this.reasonOf(trials) } });
    }
    await this.runs.set(sweepId, "Completed", {
      properties: { best_child_run_id: best.runId, score: String(scoreOf(best)) },
    });
    await this.runs.set(name, "Finalizing");
    await this.runs.set(name, "Completed", {
      tags: { automl_best_child_run_id: best.runId },
      properties: {
        num_iterations: String(trials.length),
        primary_metric: primaryMetric,
        runTemplate: "AutoML",
        attribution: "AutoML",
        "azureml.runsource": "automl",
      },
    });
  }

  private reasonOf(trials: readonly string[]): string {
    const failed = trials.map((runId) => this.runs.run(runId)).find((run) => run?.tags["azureml.error"]);
    return failed
      ? `Child run ${failed.runId} failed: ${failed.tags["azureml.error"]}`
      : "No trial ended within the limits.";
  }
}
