import { messageOf } from "../../../lib/errors";
import type { Cloud, ResourceRecord } from "../contracts";
import { jobPrincipal } from "../rbac/principals";
import type { Run } from "../mlflow/runs";
import type { Timer } from "../time/clock";
import type { JobBody } from "./check";
import { defaultTimeout } from "./childBodies";
import type { Cluster } from "./cluster";
import { clusters } from "./clusters";
import { durationSeconds } from "./duration";
import { shouldStop } from "./earlyTermination";
import { JobRuns, primaryMetric } from "./jobRuns";
import type { EpochAnswer } from "./messages";
import { parseSpace, sampleTrial, type Observation, type Sample } from "./sampler";
import { orderOf } from "./order";
import type { Runner } from "./running";
import { Trial, type Ending } from "./trial";

/** Runs one job: its sweep and their trials, from wherever it stands to its end. */
export class JobRunner implements Runner {
  readonly cluster: Cluster;
  private readonly trials = new Map<string, Trial>();
  /** What the trials have reported, for the early termination. */
  private readonly histories = new Map<string, number[]>();
  /** No more trials: the job is canceled, left to the next process, or at its timeout. */
  private readonly ending = new AbortController();
  private readonly body: JobBody;
  private readonly runs: JobRuns;
  private deadline: Timer | undefined;

  constructor(
    private readonly job: ResourceRecord,
    private readonly cloud: Cloud,
  ) {
    this.body = job.properties as unknown as JobBody;
    this.runs = new JobRuns(job, cloud);
    this.cluster = clusters.of(this.body.computeId ?? "serverless", cloud);
  }

  /** Also after a restart, with the same run ids. */
  async run(): Promise<void> {
    const { name } = this.job;
    try {
      if (await this.runs.adoptEnd(name)) return;
      await this.begin();
      const trials = await this.runTrials();
      if (this.ended?.kind !== "left") await this.finish(trials);
    } catch (error) {
      if (this.ended?.kind === "left") return;
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
    this.end({ kind: "canceled" });
  }

  stop(): void {
    this.end({ kind: "left" });
  }

  /** The others go on. */
  endTrial(runId: string, ending: Ending): boolean {
    const trial = this.trials.get(runId);
    trial?.end(ending);
    return trial !== undefined;
  }

  private end(ending: Ending): void {
    this.ending.abort(ending);
    for (const trial of this.trials.values()) trial.end(ending);
  }

  private get ended(): Ending | undefined {
    return this.ending.signal.reason as Ending | undefined;
  }

  private async begin(): Promise<void> {
    const { name } = this.job;
    await this.runs.begin();
    const wasCanceled = this.runs.statusOf(name) === "CancelRequested";
    if (wasCanceled) this.end({ kind: "canceled" });
    else
      for (const runId of [name, this.runs.sweepId]) {
        if (this.runs.statusOf(runId) === "NotStarted") await this.runs.set(runId, "Starting");
        await this.runs.set(runId, "Running");
      }
    const timeout = this.body.taskDetails.limitSettings?.timeout ?? defaultTimeout;
    const started = this.runs.run(name)?.startTime ?? this.cloud.clock.now();
    this.deadline = this.cloud.clock.at(started + durationSeconds(timeout) * 1000, () =>
      this.end({ kind: "timeout", reason: `The job's timeout of ${timeout} ended the trial.` }),
    );
  }

  private async runTrials(): Promise<string[]> {
    const { searchSpace = [], sweepSettings, limitSettings } = this.body.taskDetails;
    const space = parseSpace(searchSpace);
    const most = limitSettings?.maxTrials ?? 1;
    const algorithm = sweepSettings?.samplingAlgorithm ?? "Random";
    const trials: string[] = [];
    const work = async () => {
      while (trials.length < most && !this.ending.signal.aborted) {
        const number = trials.length;
        const runId = this.runs.trialId(number);
        const sample =
          this.sampleOf(runId) ?? sampleTrial(algorithm, space, this.job.name, number, this.observations(trials));
        if (!sample) return;
        trials.push(runId);
        await this.runTrial(runId, sample);
      }
    };
    const lanes = Array.from({ length: limitSettings?.maxConcurrentTrials ?? 1 }, () =>
      work().catch((error: unknown) => {
        // The others end before the job is told to have failed.
        this.end({ kind: "failed", reason: messageOf(error) });
        throw error;
      }),
    );
    const failed = (await Promise.allSettled(lanes)).find((lane) => lane.status === "rejected");
    if (failed) throw failed.reason;
    await this.runs.set(this.runs.sweepId, undefined, { tags: { _aml_system_all_jobs_generated: "true" } });
    return trials;
  }

  /** The parameters of a trial that has begun: after a restart they stay. */
  private sampleOf(runId: string): Sample | undefined {
    const text = this.runs.run(runId)?.tags.hyperparameters;
    return text === undefined ? undefined : (JSON.parse(text) as Sample);
  }

  private observations(trials: readonly string[]): Observation[] {
    return this.finished(trials).flatMap((run) => {
      const sample = this.sampleOf(run.runId);
      const metric = run.metrics[primaryMetric]?.value;
      return sample && metric !== undefined ? [{ sample, metric }] : [];
    });
  }

  private finished(trials: readonly string[]): Run[] {
    return trials.flatMap((runId) => {
      const run = this.runs.run(runId);
      return run?.status === "FINISHED" ? [run] : [];
    });
  }

  private async runTrial(runId: string, sample: Sample): Promise<void> {
    await this.runs.beginTrial(runId, sample);
    if (await this.runs.adoptEnd(runId)) {
      this.histories.set(runId, this.runs.reports(runId));
      return;
    }
    const { clock } = this.cloud;
    const environment = this.cloud.childEnvironment(jobPrincipal(this.job, this.cloud));
    const trial = new Trial(runId, orderOf(this.job, runId, sample, this.cloud), {
      runs: this.runs,
      cluster: this.cluster,
      clock,
      environment,
      decide: (id, metric) => this.decide(id, metric),
      forget: (id) => void this.histories.set(id, []),
    });
    this.trials.set(runId, trial);
    if (this.ended) trial.end(this.ended);
    else if (this.runs.statusOf(runId) === "CancelRequested") trial.end({ kind: "canceled" });
    await trial.run().finally(() => this.trials.delete(runId));
  }

  private decide(runId: string, metric: number): EpochAnswer {
    this.histories.get(runId)?.push(metric);
    const policy = this.body.taskDetails.sweepSettings?.earlyTermination;
    return shouldStop(policy, runId, this.histories) ? "stop" : "continue";
  }

  private async finish(trials: readonly string[]): Promise<void> {
    const { name } = this.job;
    const { sweepId } = this.runs;
    if (this.ended?.kind === "canceled") {
      await this.runs.set(sweepId, "Canceled");
      return this.runs.set(name, "Canceled");
    }
    const scoreOf = (run: Run) => run.metrics[primaryMetric]?.value ?? -Infinity;
    const [best] = this.finished(trials)
      .filter((run) => run.metrics[primaryMetric])
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
