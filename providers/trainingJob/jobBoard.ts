import type { ArmClient } from "../../lib/azure/arm";
import { getJob, jobPages, type Job } from "../../lib/azure/jobs";
import { monotonicClock, type Clock, type RequestBudget } from "./requestBudget";

/** Up to so many jobs are asked for one by one; more are read from the list of all, a page a request. */
const fewJobs = 8;
/** A list that is younger than this is not read again. */
const snapshotMs = 2_000;

/** The states of a workspace's jobs for all that wait for one. */
export class JobBoard {
  private readonly watched = new Set<string>();
  private snapshot: { at: number; jobs: Map<string, Job> } | undefined;
  private reading: Promise<Map<string, Job>> | undefined;

  constructor(
    private readonly arm: ArmClient,
    private readonly workspaceId: string,
    private readonly budget: RequestBudget,
    private readonly clock: Clock = monotonicClock,
  ) {}

  /** Runs `action` while the job counts among those that are waited for. */
  async watching<R>(name: string, action: () => Promise<R>): Promise<R> {
    this.watched.add(name);
    try {
      return await action();
    } finally {
      this.watched.delete(name);
    }
  }

  /** The job as it is, or was a moment ago; undefined when it is gone. */
  async job(name: string): Promise<Job | undefined> {
    if (this.watched.size > fewJobs) {
      const listed = (await this.current()).get(name);
      if (listed) return listed;
    }
    await this.budget.take();
    return getJob(this.arm, this.workspaceId, name);
  }

  private async current(): Promise<Map<string, Job>> {
    if (this.snapshot && this.clock() - this.snapshot.at < snapshotMs) return this.snapshot.jobs;
    this.reading ??= this.read().finally(() => (this.reading = undefined));
    return this.reading;
  }

  private async read(): Promise<Map<string, Job>> {
    const jobs = new Map<string, Job>();
    const missing = new Set(this.watched);
    await this.budget.take();
    for await (const page of jobPages(this.arm, this.workspaceId)) {
      for (const job of page) if (missing.delete(job.name)) jobs.set(job.name, job);
      if (missing.size === 0) break;
      await this.budget.take();
    }
    this.snapshot = { at: this.clock(), jobs };
    return jobs;
  }
}
