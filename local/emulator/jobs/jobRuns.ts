import { workspaceOf } from "../arm/ids";
import type { Cloud, ResourceRecord } from "../contracts";
import { RunStore, type Run } from "../mlflow/runs";
import type { JobBody } from "./check";
import { sweepBody, sweepTags, trialBody } from "./childBodies";
import type { Sample } from "./sampler";
import { endOf, isEnded, runStatusOf, type JobStatus } from "./status";

export const primaryMetric = "mean_average_precision";

interface Changes {
  tags?: Record<string, string>;
  properties?: Record<string, string>;
}

/**
 * What the service writes about a job: its run and those of its sweep and trials, each as a job of Resource Manager and as a
 * run of MLflow. Writes follow one another, and a state that has ended stays.
 */
export class JobRuns {
  readonly sweepId: string;
  private readonly workspaceId: string;
  private readonly store: RunStore;
  private readonly body: JobBody;
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly job: ResourceRecord,
    private readonly cloud: Cloud,
  ) {
    this.sweepId = `${job.name}_HD`;
    this.workspaceId = workspaceOf(job.id);
    this.store = new RunStore(cloud.store);
    this.body = job.properties as unknown as JobBody;
  }

  trialId(number: number): string {
    return `${this.sweepId}_${number}`;
  }

  run(runId: string): Run | undefined {
    return this.store.run(this.workspaceId, runId);
  }

  /** The values of the primary metric that a run has reported, by epoch. */
  reports(runId: string): number[] {
    return this.store.history(this.workspaceId, runId, primaryMetric).map(({ value }) => Number(value));
  }

  /** Makes the runs of job and sweep, unless they are there. */
  async begin(): Promise<void> {
    const { name } = this.job;
    await this.beginJob({ "_aml_system_azureml.automlComponent": "AutoML" });
    await this.ensureChild(this.sweepId, name, sweepTags(this.body), sweepBody(this.body));
  }

  /** Makes the run of the job itself, unless it is there. */
  async beginJob(tags: Record<string, string>): Promise<void> {
    const { name } = this.job;
    await this.ensureRun(name, {
      ...this.body.tags,
      "mlflow.rootRunId": name,
      "mlflow.runName": this.body.displayName ?? name,
      ...tags,
    });
  }

  /** The run of a trial, made unless it is there. */
  async beginTrial(runId: string, sample: Sample): Promise<Run> {
    const tags = { hyperparameters: JSON.stringify(sample) };
    const run = await this.ensureChild(runId, this.sweepId, tags, trialBody(this.body, sample));
    await this.set(this.sweepId, undefined, { tags: { [`_aml_system_${runId}`]: tags.hyperparameters } });
    return run;
  }

  /** Forgets what an attempt that was cut off has logged: the next one begins anew. */
  clearLogged(runId: string): Promise<void> {
    return this.store.clearLogged(this.workspaceId, runId);
  }

  statusOf(runId: string): JobStatus | undefined {
    return this.cloud.resources.get(this.idOf(runId))?.properties.status as JobStatus | undefined;
  }

  /** Writes a state, with tags and properties; undefined leaves the state as it is. */
  set(runId: string, status: JobStatus | undefined, { tags = {}, properties = {} }: Changes = {}): Promise<void> {
    const write = async () => {
      const id = this.idOf(runId);
      const before = this.cloud.resources.get(id)?.properties;
      if (!before || isEnded(before.status)) return;
      // The end is in the run first: a job that is found running while its run has ended is ended again.
      await this.store.change(this.workspaceId, runId, (run) => ({
        status: status ? runStatusOf(status) : run.status,
        endTime: status && isEnded(status) ? this.cloud.clock.now() : run.endTime,
        tags: { ...run.tags, ...tags },
      }));
      await this.cloud.resources.patchProperties(id, {
        ...(status ? { status } : {}),
        tags: { ...(before.tags as object | undefined), ...tags },
        properties: { ...(before.properties as object | undefined), ...properties },
      });
      if (status) this.cloud.log.info({ run: runId, status }, "job state");
    };
    const turn = this.last.then(write);
    this.last = turn.catch(() => {});
    return turn;
  }

  /** Brings a job to the end that its run has come to; false when that has not ended. */
  async adoptEnd(runId: string): Promise<boolean> {
    const run = this.run(runId);
    const end = run && endOf(run.status);
    if (!end) return false;
    const tags = Object.entries(run.tags).filter(([name]) => /^(automl_best_child_run_id$|azureml\.)/.test(name));
    await this.set(runId, end, { tags: Object.fromEntries(tags) });
    return true;
  }

  private idOf(runId: string): string {
    return runId === this.job.name ? this.job.id : childId(this.job.id, runId);
  }

  private async ensureChild(
    runId: string,
    parent: string,
    tags: Record<string, string>,
    body: Record<string, unknown>,
  ): Promise<Run> {
    const own = { "mlflow.rootRunId": this.job.name, "mlflow.parentRunId": parent, "mlflow.runName": runId, ...tags };
    const run = await this.ensureRun(runId, own);
    const id = this.idOf(runId);
    if (!this.cloud.resources.get(id) && this.cloud.resources.get(this.job.id)) {
      const { services } = this.job.properties as { services?: Record<string, { endpoint?: string }> };
      await this.cloud.resources.put({
        id,
        name: runId,
        type: this.job.type,
        systemData: { ...this.job.systemData, createdAt: this.cloud.now().toISOString() },
        properties: {
          experimentName: this.body.experimentName ?? "Default",
          displayName: runId,
          isArchived: false,
          ...body,
          parentJobName: parent,
          status: "NotStarted" satisfies JobStatus,
          tags: own,
          services: Object.fromEntries(
            Object.entries(services ?? {}).map(([kind, service]) => [
              kind,
              { ...service, endpoint: service.endpoint?.replace(`/runs/${this.job.name}?`, `/runs/${runId}?`) },
            ]),
          ),
        },
      });
    }
    return run;
  }

  private async ensureRun(runId: string, tags: Record<string, string>): Promise<Run> {
    const existing = this.run(runId);
    if (existing) return existing;
    const { experimentId } = await this.store.ensureExperiment(this.workspaceId, this.body.experimentName ?? "Default");
    const run: Run = {
      runId,
      experimentId,
      name: tags["mlflow.runName"] ?? runId,
      status: "SCHEDULED",
      startTime: this.cloud.clock.now(),
      lifecycleStage: "active",
      params: {},
      tags,
      metrics: {},
    };
    await this.store.put(this.workspaceId, run);
    return run;
  }
}

/** The id of a run's job, beside that of its root. */
export function childId(jobId: string, runId: string): string {
  return jobId.replace(/[^/]+$/, runId);
}
