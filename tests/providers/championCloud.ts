import type { ContainerClient } from "@azure/storage-blob";
import { TestCloud, versions, type ArmBody } from "../local/emulator/testCloud";

export interface TrialSpec {
  metric?: number | "NaN";
  perLabel?: Record<string, number>;
  status?: "FINISHED" | "FAILED" | "KILLED";
  /** False leaves no model behind. */
  artifact?: boolean;
}

export interface JobSpec {
  status?: "FINISHED" | "FAILED" | "KILLED" | "RUNNING";
  /** Index of the trial that the job names as its best. */
  names?: number;
}

export interface ModelVersionState {
  version: string;
  modelType: string;
  archived: boolean;
  tags: Record<string, string>;
}

const model = "detector";

/** What the program gives a champion, with the loosest rules; the data is version "d1" of the asset "val". */
export function championInputs<More extends object>(workspaceId: string, modelName: string, more: More) {
  return {
    __provider: "stub",
    workspaceId,
    modelName,
    modelType: "custom_model",
    jobs: [] as string[],
    source: null,
    schedule: null,
    scheduledJobs: [] as string[],
    dataAsset: "val",
    dataVersion: "d1",
    dataId: `${workspaceId}/data/val/versions/d1`,
    minimumMetric: 0,
    minimumDelta: 0,
    perClassMinimum: 0,
    minimumImages: 0,
    onNewData: "absolute",
    approval: "none",
    approved: "",
    rollbackTo: "",
    gitCommit: "c0ffee",
    ...more,
  };
}

/** A local cloud with a workspace, and runs that look like those of ended jobs without having trained. */
export class ChampionCloud {
  private constructor(
    readonly cloud: TestCloud,
    readonly workspaceId: string,
    private readonly artifacts: ContainerClient,
    private readonly experimentId: string,
  ) {}

  static async start(): Promise<ChampionCloud> {
    const cloud = await TestCloud.start();
    const workspaceId = await cloud.workspace("mlw", await cloud.group("rg"));
    const store = await cloud.arm("GET", `${workspaceId}/datastores/workspaceartifactstore`, versions.ml);
    const { accountName, containerName } = store.body.properties as { accountName: string; containerName: string };
    const artifacts = await cloud.container(accountName, containerName);
    const created = await cloud.request("POST", `${trackingOf(workspaceId)}/experiments/create`, {
      body: { name: "test" },
    });
    const { experiment_id: experimentId } = created.body as unknown as { experiment_id: string };
    return new ChampionCloud(cloud, workspaceId, artifacts, experimentId);
  }

  remove(): Promise<void> {
    return this.cloud.remove();
  }

  /** A job of these trials, in their order. */
  async job(
    trials: readonly TrialSpec[],
    { status = "FINISHED", names }: JobSpec = {},
  ): Promise<{ job: string; trials: string[] }> {
    const job = await this.run({}, status);
    const runs: string[] = [];
    for (const [index, { metric, perLabel = {}, status: ended = "FINISHED", artifact = true }] of trials.entries()) {
      const trial = await this.run({ "mlflow.parentRunId": job, model_name: "yolov5" }, ended, index);
      const figures = Object.entries(perLabel).map(
        ([label, value]) => [`per_label_metrics.${label}.average_precision`, value] as const,
      );
      const all = metric === undefined ? figures : [["mean_average_precision", metric] as const, ...figures];
      const metrics = all.map(([key, value]) => ({ key, value, step: 1, timestamp: 1 }));
      await this.track("runs/log-batch", { run_id: trial, metrics });
      if (artifact) await this.leaveModel(trial);
      runs.push(trial);
    }
    if (names !== undefined)
      await this.track("runs/set-tag", { run_id: job, key: "automl_best_child_run_id", value: runs[names] });
    return { job, trials: runs };
  }

  async end(job: string): Promise<void> {
    await this.track("runs/update", { run_id: job, status: "FINISHED" });
  }

  async tagsOfRun(run: string): Promise<Record<string, string>> {
    const answer = await this.cloud.request("GET", `${trackingOf(this.workspaceId)}/runs/get?run_id=${run}`);
    const { data } = (answer.body as unknown as { run: { data: { tags: { key: string; value: string }[] } } }).run;
    return Object.fromEntries(data.tags.map(({ key, value }) => [key, value]));
  }

  /** A validation table of so many images. */
  async validation(version: string, images: number, tags: Record<string, string> = {}): Promise<string> {
    const { accountName, containerName } = (
      await this.cloud.arm("GET", `${this.workspaceId}/datastores/workspaceblobstore`, versions.ml)
    ).body.properties as { accountName: string; containerName: string };
    const container = await this.cloud.container(accountName, containerName);
    const lines = Array.from({ length: images }, (_, index) => `{"image_url": "${index}"}\n`).join("");
    await container.getBlockBlobClient(`val-${version}/annotations.jsonl`).uploadData(Buffer.from(lines));
    const [, , subscription, , group, , , , workspace] = this.workspaceId.split("/");
    const dataUri = `azureml://subscriptions/${subscription}/resourcegroups/${group}/workspaces/${workspace}/datastores/workspaceblobstore/paths/val-${version}/`;
    const id = `${this.workspaceId}/data/val/versions/${version}`;
    await this.cloud.put(id, versions.ml, { properties: { dataType: "mltable", dataUri, tags } });
    return id;
  }

  async versions(name = model): Promise<ModelVersionState[]> {
    const path = `${this.workspaceId}/models/${name}/versions?api-version=${versions.ml}&listViewType=All`;
    const answer = await this.cloud.request("GET", path);
    return (answer.body.value ?? []).map(({ name: version = "", properties = {} }: ArmBody) => ({
      version,
      modelType: String(properties.modelType),
      archived: properties.isArchived === true,
      tags: properties.tags as Record<string, string>,
    }));
  }

  /** What a person does in the studio. */
  async edit(
    version: string,
    change: { archived?: boolean; tags?: Record<string, string> },
    name = model,
  ): Promise<void> {
    const id = `${this.workspaceId}/models/${name}/versions/${version}`;
    const { properties = {} } = (await this.cloud.arm("GET", id, versions.ml)).body;
    await this.cloud.put(id, versions.ml, {
      properties: {
        ...properties,
        ...(change.archived === undefined ? {} : { isArchived: change.archived }),
        tags: { ...(properties.tags as object), ...change.tags },
      },
    });
  }

  async deleteVersion(version: string, name = model): Promise<void> {
    await this.cloud.arm("DELETE", `${this.workspaceId}/models/${name}/versions/${version}`, versions.ml);
  }

  /** The model of a run, as it lies in a workspace of this cloud. */
  async modelOf(run: string, workspaceId: string): Promise<string> {
    const store = await this.cloud.arm("GET", `${workspaceId}/datastores/workspaceartifactstore`, versions.ml);
    const { accountName, containerName } = store.body.properties as { accountName: string; containerName: string };
    const container = await this.cloud.container(accountName, containerName);
    const blob = container.getBlobClient(`ExperimentRun/dcid.${run}/outputs/model.pt`);
    return (await blob.downloadToBuffer()).toString();
  }

  private async run(tags: Record<string, string>, status: string, startTime = 0): Promise<string> {
    const pairs = Object.entries(tags).map(([key, value]) => ({ key, value }));
    const created = await this.track("runs/create", {
      experiment_id: this.experimentId,
      start_time: startTime,
      tags: pairs,
    });
    const { run_id: runId } = (created as { run: { info: { run_id: string } } }).run.info;
    if (status !== "RUNNING") await this.track("runs/update", { run_id: runId, status });
    return runId;
  }

  private async leaveModel(run: string): Promise<void> {
    for (const path of ["model.pt", "mlflow-model/MLmodel"])
      await this.artifacts.getBlockBlobClient(`ExperimentRun/dcid.${run}/outputs/${path}`).uploadData(Buffer.from(run));
  }

  private async track(path: string, body: object): Promise<unknown> {
    const answer = await this.cloud.request("POST", `${trackingOf(this.workspaceId)}/${path}`, { body });
    if (answer.status !== 200) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}

function trackingOf(workspaceId: string): string {
  return `/mlflow/v1.0${workspaceId}/api/2.0/mlflow`;
}
