import type { ArmClient } from "../../lib/azure/arm";
import { openRunArtifacts } from "../../lib/azure/datastores";
import { getJob, isTerminal, listTrials, primaryMetric, type Job } from "../../lib/azure/jobs";
import { TrackingClient, type TrackedRun } from "../../lib/azure/mlflow";
import { perLabelFigures, rankTrials, type Candidate, type DataVersion, type NamedBest } from "../../lib/promotion";
import { validationOf, type ValidationData } from "./jobData";
import type { ModelType } from "../../lib/promotion";
import { artifactProof } from "./registry";
import { countValidationImages } from "./validationImages";

export interface Offer {
  candidate: Candidate;
  run: TrackedRun;
}

/** What a job has for the gate. */
export type JobAnswer =
  | ({ kind: "candidate" } & Offer)
  /** It has ended and has no model to offer. */
  | { kind: "none"; job: string; reason: string }
  /** It goes on; its best trial is not known. */
  | { kind: "open"; job: string; reason: string };

interface Question {
  arm: ArmClient;
  workspaceId: string;
  modelType: ModelType;
  /** The stack's validation data. */
  validation: ValidationData;
  countImages: boolean;
  /** Trials whose version somebody archived, with its number: their models are not offered again. */
  withdrawn: ReadonlyMap<string, string>;
}

/** Asks jobs for their best models. */
export class JobCandidates {
  private constructor(
    private readonly question: Question,
    private readonly tracking: TrackingClient,
  ) {}

  static async open(question: Question): Promise<JobCandidates> {
    return new JobCandidates(question, await TrackingClient.connect(question.arm, question.workspaceId));
  }

  /**
   * The best trial of an ended job that left a model. A Failed or Canceled job counts too: its finished trials were measured
   * like any others, and what stopped the job says nothing about them. Trials that were stopped themselves do not count.
   */
  async of(jobName: string): Promise<JobAnswer> {
    const { job, parent, trials } = await this.read(jobName);
    const state = job?.properties.status ?? parent?.status;
    if (state === undefined) return { kind: "none", job: jobName, reason: `job ${jobName} is not in the workspace` };
    if (job ? !isTerminal(job.properties.status) : !endedRun.has(state))
      return {
        kind: "open",
        job: jobName,
        reason: `job ${jobName} is ${state} and offers its best trial when it has ended`,
      };
    const named: NamedBest = {
      bestChild: parent?.tags.automl_best_child_run_id ?? job?.properties.tags?.automl_best_child_run_id,
      sweepBestChild: job?.properties.properties?.best_child_run_id ?? parent?.tags.best_child_run_id,
    };
    const ranked = rankTrials(
      trials.map((run) => ({
        run: run.runId,
        metric: run.metrics[primaryMetric] ?? null,
        finished: run.status === "FINISHED",
        tracked: run,
      })),
      named,
    );
    const passedOver: string[] = [];
    for (const { tracked } of ranked) {
      const version = this.question.withdrawn.get(tracked.runId);
      if (version !== undefined) passedOver.push(`version ${version} of ${tracked.runId} is archived`);
      else if (!(await this.hasModel(tracked.runId)))
        passedOver.push(`${tracked.runId} has no ${artifactProof(this.question.modelType)}`);
      else
        return {
          kind: "candidate",
          candidate: { ...(await this.candidate(tracked, jobName, job)), note: passedOver.join("; ") || undefined },
          run: tracked,
        };
    }
    const why =
      ranked.length === 0
        ? `none of its ${trials.length} trials is finished and reported ${primaryMetric}`
        : passedOver.join("; ");
    return { kind: "none", job: jobName, reason: `job ${jobName} (${state}) has no candidate: ${why}` };
  }

  /** A trial that is a version already, whatever became of its job since. */
  async ofTrial(trial: string, jobName: string, measuredOn: DataVersion): Promise<Offer | undefined> {
    const [run, job] = await Promise.all([
      this.tracking.run(trial),
      getJob(this.question.arm, this.question.workspaceId, jobName),
    ]);
    return run && { candidate: { ...(await this.candidate(run, jobName, job)), data: measuredOn }, run };
  }

  run(runId: string): Promise<TrackedRun | undefined> {
    return this.tracking.run(runId);
  }

  /** Sets one tag of a run. */
  tag(runId: string, key: string, value: string): Promise<void> {
    return this.tracking.log(runId, { tags: { [key]: value } });
  }

  private async read(jobName: string) {
    const { arm, workspaceId } = this.question;
    const [job, parent, trials] = await Promise.all([
      getJob(arm, workspaceId, jobName),
      this.tracking.run(jobName),
      listTrials(this.tracking, jobName),
    ]);
    // Tracking answers the latest run first, and "the earlier trial" is meant where run ids have no numbers.
    return { job, parent, trials: trials.sort((a, b) => numberOf(a) - numberOf(b) || startOf(a) - startOf(b)) };
  }

  private async candidate(run: TrackedRun, jobName: string, job: Job | undefined): Promise<Candidate> {
    const { arm, workspaceId, validation, countImages } = this.question;
    const { data, id } = validationOf(job, validation, workspaceId);
    return {
      job: jobName,
      trial: run.runId,
      metric: run.metrics[primaryMetric] ?? null,
      perLabel: perLabelFigures(run.metrics),
      data,
      images: countImages && id !== undefined ? await countValidationImages(arm, workspaceId, id) : null,
    };
  }

  private async hasModel(runId: string): Promise<boolean> {
    const { arm, workspaceId, modelType } = this.question;
    const { container, prefix } = await openRunArtifacts(arm, workspaceId, runId);
    return container.getBlobClient(prefix + artifactProof(modelType)).exists();
  }
}

/** States of a run that tracking never changes again. */
const endedRun = new Set(["FINISHED", "FAILED", "KILLED"]);

function numberOf({ runId }: TrackedRun): number {
  return Number(/_(\d+)$/.exec(runId)?.[1] ?? 0);
}

function startOf({ startTime = 0 }: TrackedRun): number {
  return startTime;
}
