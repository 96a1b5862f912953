import type { ArmClient } from "../../lib/azure/arm";
import { getJob, type Job } from "../../lib/azure/jobs";

const mostAttempts = 100;

/** Name of an attempt at a job: the job's own name, then `NAME-r2`, `NAME-r3`. */
export function attemptName(jobName: string, attempt: number): string {
  return attempt === 1 ? jobName : `${jobName}-r${attempt}`;
}

/** The attempts that were submitted, in order: each but the last ended badly. */
export async function submittedAttempts(arm: ArmClient, workspaceId: string, jobName: string): Promise<Job[]> {
  const jobs: Job[] = [];
  while (jobs.length < mostAttempts) {
    const job = await getJob(arm, workspaceId, attemptName(jobName, jobs.length + 1));
    if (!job) break;
    jobs.push(job);
    // Only a job that ended badly has a successor.
    if (!isFailure(job)) break;
  }
  return jobs;
}

export function isFailure({ properties }: Job): boolean {
  return properties.status === "Failed" || properties.status === "Canceled";
}
