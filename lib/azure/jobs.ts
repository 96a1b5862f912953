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

/** The key under which a detection trial logs what it is judged by. */
export const primaryMetric = "mean_average_precision";

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

export function putJob(arm: ArmClient, workspaceId: string, name: string, properties: object): Promise<Job> {
  return arm.put<JobProperties>(jobId(workspaceId, name), apiVersions.machineLearning, { properties });
}

/** Azure ML archives by writing the whole job back with the flag. */
export function setArchived(arm: ArmClient, workspaceId: string, job: Job, isArchived: boolean): Promise<Job> {
  return putJob(arm, workspaceId, job.name, { ...job.properties, isArchived });
}

/** Asks a job to end; it is Canceled some time later. */
export function cancelJob(arm: ArmClient, workspaceId: string, name: string): Promise<void> {
  return arm.post(`${jobId(workspaceId, name)}/cancel`, apiVersions.machineLearning);
}

export function deleteJob(arm: ArmClient, workspaceId: string, name: string): Promise<void> {
  return arm.delete(jobId(workspaceId, name), apiVersions.machineLearning);
}

/** Tag of the jobs that a schedule submits; its value is the schedule's name. */
export const scheduleTag = "submitted_by_schedule";

/**
 * The jobs of a workspace that are not archived, a page a request.
 * @param filter key of a tag that they have
 */
export function jobPages(arm: ArmClient, workspaceId: string, filter: { tag?: string } = {}): AsyncGenerator<Job[]> {
  const query = { listViewType: "ActiveOnly", ...filter };
  return arm.pages<JobProperties>(`${workspaceId}/jobs`, apiVersions.machineLearning, query);
}

/**
 * The runs that trained a model under an AutoML job, in the order in which they were made. Image jobs put a HyperDrive run
 * (`JOB_HD`) between the job and its trials (`JOB_HD_n`); other kinds have the trials right below the job. What never
 * changes (the experiment, the HyperDrive run) is asked for once.
 */
export class TrialsReader {
  private parent: TrackedRun | undefined;
  private sweep: TrackedRun | undefined;

  constructor(
    private readonly tracking: TrackingClient,
    private readonly jobName: string,
  ) {}

  async read(): Promise<TrackedRun[]> {
    this.parent ??= await this.tracking.run(this.jobName);
    if (!this.parent) return [];
    const trials = this.sweep ? await this.tracking.children(this.sweep) : await this.below(this.parent);
    const numberOf = (run: TrackedRun) => Number(/_(\d+)$/.exec(run.runId)?.[1] ?? 0);
    return trials.sort((a, b) => numberOf(a) - numberOf(b));
  }

  private async below(parent: TrackedRun): Promise<TrackedRun[]> {
    const children = await this.tracking.children(parent);
    this.sweep = children.find(({ runId }) => runId === `${this.jobName}_HD`);
    return this.sweep ? this.tracking.children(this.sweep) : children;
  }
}

export function listTrials(tracking: TrackingClient, jobName: string): Promise<TrackedRun[]> {
  return new TrialsReader(tracking, jobName).read();
}
