import { messageOf } from "../../../lib/errors";
import type { Cloud, ResourceRecord } from "../contracts";
import type { Run } from "../mlflow/runs";
import { jobPrincipal } from "../rbac/principals";
import type { JobBody } from "./check";
import type { Cluster } from "./cluster";
import { shouldStop } from "./earlyTermination";
import { primaryMetric, type JobRuns } from "./jobRuns";
import type { EpochAnswer } from "./messages";
import { orderOf } from "./order";
import { parseSpace, sampleTrial, type Observation, type Sample } from "./sampler";
import { Trial, type Ending } from "./trial";

/** The trials of a job: as many at once as it allows, each with parameters of the sampler. */
export class Sweep {
  private readonly trials = new Map<string, Trial>();
  /** What the trials have reported, for the early termination. */
  private readonly histories = new Map<string, number[]>();
  /** No more trials: the job is canceled, left to the next process, or at its timeout. */
  private readonly ending = new AbortController();
  private readonly details: JobBody["taskDetails"];

  constructor(
    private readonly job: ResourceRecord,
    private readonly cloud: Cloud,
    private readonly runs: JobRuns,
    private readonly cluster: Cluster,
  ) {
    this.details = (job.properties as unknown as JobBody).taskDetails;
  }

  end(ending: Ending): void {
    this.ending.abort(ending);
    for (const trial of this.trials.values()) trial.end(ending);
  }

  /** The others go on. */
  endTrial(runId: string, ending: Ending): boolean {
    const trial = this.trials.get(runId);
    trial?.end(ending);
    return trial !== undefined;
  }

  get ended(): Ending | undefined {
    return this.ending.signal.reason as Ending | undefined;
  }

  /** Answers the ids of the trials that have begun. */
  async run(): Promise<string[]> {
    const { searchSpace = [], sweepSettings, limitSettings } = this.details;
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
      const metric = Number(run.metrics[primaryMetric]?.value);
      return sample && Number.isFinite(metric) ? [{ sample, metric }] : [];
    });
  }

  /** Those of them that came to their end. */
  finished(trials: readonly string[]): Run[] {
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
    const policy = this.details.sweepSettings?.earlyTermination;
    return shouldStop(policy, runId, this.histories) ? "stop" : "continue";
  }
}
