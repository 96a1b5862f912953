import type { ArmClient } from "../../lib/azure/arm";
import { getJob, type Job } from "../../lib/azure/jobs";

const mostAttempts = 100;

/** Name of an attempt at a job: the job's own name, then `NAME-r2`, `NAME-r3`. */
export function attemptName(jobName: string, attempt: number): string {
  return attempt === 1 ? jobName : `${jobName}-r${attempt}`;
}

export interface Attempt {
  number: number;
  name: string;
  /** Undefined when it has not been submitted. */
  job: Job | undefined;
}

/** The last attempt that was submitted, or the first one when none was. */
export async function lastAttempt(arm: ArmClient, workspaceId: string, jobName: string): Promise<Attempt> {
  let last: Attempt = { number: 1, name: jobName, job: await getJob(arm, workspaceId, jobName) };
  while (last.job && last.number < mostAttempts) {
    const next = nextAttempt(jobName, last);
    // Only a job that ended badly has a successor.
    if (!isFailure(last.job)) return last;
    const job = await getJob(arm, workspaceId, next.name);
    if (!job) return last;
    last = { ...next, job };
  }
  return last;
}

export function nextAttempt(jobName: string, { number }: Attempt): Attempt {
  return { number: number + 1, name: attemptName(jobName, number + 1), job: undefined };
}

export function isFailure({ properties }: Job): boolean {
  return properties.status === "Failed" || properties.status === "Canceled";
}
