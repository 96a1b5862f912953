import { fork } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../../lib/errors";
import { workspaceOf } from "../arm/ids";
import { ArmError, type Cloud, type ResourceRecord } from "../contracts";
import { clusters } from "../jobs/clusters";
import type { Lease } from "../jobs/cluster";
import { durationSeconds } from "../jobs/duration";
import { JobRuns } from "../jobs/jobRuns";
import type { Runner } from "../jobs/running";
import { preemptionError, type Ending } from "../jobs/trial";
import { jobPrincipal } from "../rbac/principals";
import { fetchModel, thresholdsOf } from "../serving/modelFile";
import type { BatchDeploymentBody } from "./behaviours";
import type { BlobPlace, Invocation } from "./invocation";
import type { BatchMessage, BatchOrder, OrderedPlace } from "./messages";

/** What a batch job is to do; its deployment as it was when the job was made. */
export interface BatchTask {
  deployment: BatchDeploymentBody;
  input: Invocation["input"];
  output: BlobPlace;
}

/** What batch jobs are to do, by the id of the job; it stands in no answer. */
export function batchTasks({ store }: Cloud) {
  const table = store.table<BatchTask>("batchTasks");
  return {
    of: (jobId: string) => table.get(jobId.toLowerCase()),
    put: (jobId: string, task: BatchTask) => table.put(jobId.toLowerCase(), task),
    remove: (jobId: string) => table.remove(jobId.toLowerCase()),
  };
}

/** One job of a batch endpoint: waits for a node, scores there, and begins again on another node when that is taken away. */
export class BatchJob implements Runner {
  private readonly ending = new AbortController();
  private readonly runs: JobRuns;

  constructor(
    private readonly job: ResourceRecord,
    private readonly cloud: Cloud,
  ) {
    this.runs = new JobRuns(job, cloud);
  }

  /** Also after a restart, from the beginning: the file with the rows is written at the end, and as a whole. */
  async run(): Promise<void> {
    const { name } = this.job;
    try {
      if (await this.runs.adoptEnd(name)) return;
      await this.runs.beginJob({ "azureml.batchrun": "true" });
      if (this.runs.statusOf(name) === "CancelRequested") this.end({ kind: "canceled" });
      for (let again = true; again;) {
        await this.runs.set(name, "Queued");
        const lease = await clusters
          .of(String(this.job.properties.computeId), this.cloud)
          .take(name, this.ending.signal);
        if (!lease) break;
        again = await this.runOn(lease).finally(() => lease.release());
      }
    } catch (error) {
      this.cloud.log.error({ err: error, job: name }, "batch failed");
      this.end({ kind: "failed", reason: messageOf(error) });
    }
    await this.close();
  }

  async cancel(): Promise<void> {
    await this.runs.set(this.job.name, "CancelRequested");
    this.end({ kind: "canceled" });
  }

  stop(): void {
    this.end({ kind: "left" });
  }

  endTrial(_runId: string, ending: Ending): boolean {
    this.end(ending);
    return true;
  }

  private get task(): BatchTask {
    const task = batchTasks(this.cloud).of(this.job.id);
    if (!task) throw new ArmError(404, "NotFound", `Nothing is known of what batch '${this.job.name}' is to do.`);
    return task;
  }

  /** The first reason stays. */
  private end(ending: Ending): void {
    this.ending.abort(ending);
  }

  /** True when the job is to begin again on another node. */
  private async runOn(lease: Lease): Promise<boolean> {
    const { name } = this.job;
    await this.runs.set(name, "Running");
    const outcome = await this.score(AbortSignal.any([this.ending.signal, lease.lost]));
    if ("done" in outcome) {
      const { files, failed } = outcome.done;
      await this.runs.set(name, "Completed", { properties: { files: `${files}`, failedFiles: `${failed}` } });
      return false;
    }
    if (lease.lost.aborted && !this.ending.signal.aborted) {
      if ((lease.lost.reason as { requeue: boolean }).requeue) return true;
      this.end({ kind: "failed", reason: preemptionError });
    }
    this.end({ kind: "failed", reason: outcome.failed });
    return false;
  }

  private async score(signals: AbortSignal): Promise<BatchMessage> {
    const principal = jobPrincipal(this.job, this.cloud);
    const modelFile = await fetchModel(String(this.task.deployment.model?.assetId), principal, this.cloud);
    try {
      return await scoreInProcess(this.orderFor(modelFile), this.cloud.childEnvironment(principal), signals);
    } finally {
      await rm(modelFile, { force: true });
    }
  }

  private orderFor(modelFile: string): BatchOrder {
    const { deployment, input, output } = this.task;
    return {
      workspaceId: workspaceOf(this.job.id),
      jobName: this.job.name,
      modelFile,
      ...thresholdsOf(deployment.environmentVariables),
      input: { ...this.place(input.place), isFolder: input.type === "uri_folder" },
      output: {
        ...this.place(output),
        fileName: deployment.outputAction === "AppendRow" ? deployment.outputFileName : undefined,
      },
      miniBatchSize: deployment.miniBatchSize,
      concurrency: deployment.maxConcurrencyPerInstance,
      maxRetries: deployment.retrySettings.maxRetries,
      timeoutMs: durationSeconds(deployment.retrySettings.timeout) * 1000,
      errorThreshold: deployment.errorThreshold,
    };
  }

  private place({ account, container, path }: BlobPlace): OrderedPlace {
    const found = this.cloud.resources
      .listAll("Microsoft.Storage/storageAccounts")
      .find(({ name }) => name === account);
    if (!found) throw new ArmError(404, "ResourceNotFound", `There is no storage account '${account}'.`);
    return { storageAccountId: found.id, container, path };
  }

  /** Writes the end that the job was given, if it was. */
  private async close(): Promise<void> {
    const ending = this.ending.signal.reason as Ending | undefined;
    const { name } = this.job;
    if (ending === undefined || ending.kind === "left") return;
    if (ending.kind === "canceled") return this.runs.set(name, "Canceled");
    await this.runs.set(name, "Failed", { tags: { "azureml.error": ending.reason } });
  }
}

function scoreInProcess(order: BatchOrder, env: NodeJS.ProcessEnv, signals: AbortSignal): Promise<BatchMessage> {
  if (signals.aborted) return Promise.resolve({ failed: "" });
  const child = fork(join(__dirname, "batchMain.ts"), [], { env, stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const kill = () => child.kill("SIGKILL");
  signals.addEventListener("abort", kill);
  return new Promise<BatchMessage>((resolve) => {
    let said: BatchMessage | undefined;
    child.once("message", (message: BatchMessage) => (said = message));
    const end = (how: string) =>
      resolve(said ?? { failed: `The process of the batch ended (${how}) before it was done.` });
    // A process that cannot be started has no exit.
    child.on("error", (error) => child.pid === undefined && end(error.message));
    child.once("exit", (code, signal) => end(signal ?? `status ${code}`));
    child.send(order, () => {});
  }).finally(() => signals.removeEventListener("abort", kill));
}
