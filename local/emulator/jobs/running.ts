import { BatchJob } from "../batch/batchJob";
import type { Cloud, ResourceRecord } from "../contracts";
import { childId } from "./jobRuns";
import { JobRunner } from "./runner";
import type { Ending } from "./trial";

/** Runs a job from wherever it stands to its end. */
export interface Runner {
  run(): Promise<void>;
  cancel(): Promise<void>;
  /** Leaves the job to the next process: nothing of its state changes. */
  stop(): void;
  /** Ends one trial, or what there is in its place. False when it does not run. */
  endTrial(runId: string, ending: Ending): boolean;
}

const runners = new Map<string, Runner>();

export function begin(job: ResourceRecord, cloud: Cloud): void {
  const runner = job.properties.jobType === "AutoML" ? new JobRunner(job, cloud) : new BatchJob(job, cloud);
  runners.set(job.id.toLowerCase(), runner);
  void runner.run().finally(() => runners.delete(job.id.toLowerCase()));
}

/** A child of another job: a sweep, or a trial. */
export function isChild({ properties }: ResourceRecord): boolean {
  return properties.parentJobName !== undefined;
}

/** What runs a job, or the job of which it is a child. */
export function runnerOf(job: ResourceRecord): Runner | undefined {
  const root = (job.properties.tags as Record<string, string> | undefined)?.["mlflow.rootRunId"];
  return runners.get((isChild(job) && root ? childId(job.id, root) : job.id).toLowerCase());
}

export function stopAll(): void {
  for (const runner of runners.values()) runner.stop();
}
