import { apiVersions, type ArmClient, type ArmResource } from "./arm";
import type { TrackedRun, TrackingClient } from "./mlflow";

export interface JobProperties {
  jobType: string;
  status: string;
  isArchived?: boolean;
  tags?: Record<string, string>;
  properties?: Record<string, string>;
  services?: Record<string, { endpoint?: string }>;
  [key: string]: unknown;
}

export type Job = ArmResource<JobProperties>;

/** States that a job never leaves. NotResponding and Paused are not among them: a job comes back from both. */
const terminal = new Set(["Completed", "Failed", "Canceled"]);

export function isTerminal(status: string): boolean {
  return terminal.has(status);
}

export function jobId(workspaceId: string, name: string): string {
  return `${workspaceId}/jobs/${name}`;
}

export function getJob(arm: ArmClient, workspaceId: string, name: string): Promise<Job | undefined> {
  return arm.get<JobProperties>(jobId(workspaceId, name), apiVersions.machineLearning);
}

/**
 * The runs that trained a model under an AutoML job, in the order in which they were made. Image jobs put a HyperDrive run
 * (`JOB_HD`) between the job and its trials (`JOB_HD_n`); other kinds have the trials right below the job.
 */
export async function listTrials(tracking: TrackingClient, jobName: string): Promise<TrackedRun[]> {
  const trials: TrackedRun[] = [];
  for (const child of await tracking.children(jobName)) {
    const below = await tracking.children(child.runId);
    trials.push(...(below.length > 0 || child.runId.endsWith("_HD") ? below : [child]));
  }
  const numberOf = (run: TrackedRun) => Number(/_(\d+)$/.exec(run.runId)?.[1] ?? 0);
  return trials.sort((a, b) => numberOf(a) - numberOf(b));
}
