import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { workspaceOf } from "../arm/ids";
import type { Cloud, ResourceRecord } from "../contracts";
import { jobPrincipal } from "../rbac/principals";
import { RunStore, type Run, type RunStatus } from "../mlflow/runs";
import { dataIdOf, durationSeconds, type JobBody } from "./check";
import { shouldStop, type Policy } from "./earlyTermination";
import type { EpochAnswer, TrialMessage, TrialOrder } from "./messages";
import { parseSpace, sampleTrial, type Observation, type Sample } from "./sampler";

/** Of the service: P7D. */
const defaultTimeout = "P7D";
const defaultValidationShare = 0.2;
const primaryMetric = "mean_average_precision";
const ended: ReadonlySet<RunStatus> = new Set(["FINISHED", "FAILED", "KILLED"]);

interface Trial {
  runId: string;
  sample: Sample;
}

/** Runs one job: its sweep, trials in processes of their own, and what the service writes on the way. */
export class JobRunner {
  private readonly children = new Map<string, ChildProcess>();
  private readonly histories = new Map<string, number[]>();
  private canceled = false;
  private stopped = false;
  /** No more trials: the job is canceled, left to the next process, or at its timeout. */
  private readonly ending = new AbortController();
  private readonly body: JobBody;
  private readonly workspaceId: string;
  private readonly runs: RunStore;
  private deadline: NodeJS.Timeout | undefined;

  constructor(
    private readonly job: ResourceRecord,
    private readonly cloud: Cloud,
    private readonly nodes: NodeBudget,
  ) {
    this.body = job.properties as unknown as JobBody;
    this.workspaceId = workspaceOf(job.id);
    this.runs = new RunStore(cloud.store);
  }

  /** From wherever the job stands to its end; also after a restart, with the same run ids. */
  async run(): Promise<void> {
    try {
      await this.begin();
      const trials = await this.runTrials();
      await this.end(trials);
    } catch (error) {
      if (this.stopped) return;
      this.cloud.log.error({ err: error, job: this.job.name }, "job failed");
      await this.finish("Failed", { "azureml.error": error instanceof Error ? error.message : String(error) });
    } finally {
      clearTimeout(this.deadline);
    }
  }

  /** Ends the job's trials; the run that is under way closes it. */
  async cancel(): Promise<void> {
    this.canceled = true;
    await this.setStatus("CancelRequested");
    this.endTrials();
  }

  /** Leaves the job to the next process: nothing of its state changes. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.deadline);
    this.endTrials();
  }

  private endTrials(): void {
    this.ending.abort();
    for (const child of this.children.values()) child.kill("SIGKILL");
  }

  private get timeout(): string {
    return this.body.taskDetails.limitSettings?.timeout ?? defaultTimeout;
  }

  private get sweepRunId(): string {
    return `${this.job.name}_HD`;
  }

  private async begin(): Promise<void> {
    const { name } = this.job;
    const experiment = await this.runs.ensureExperiment(this.workspaceId, this.body.experimentName ?? "Default");
    const tags = {
      ...this.body.tags,
      "mlflow.rootRunId": name,
      "mlflow.runName": this.body.displayName ?? name,
      "_aml_system_azureml.automlComponent": "AutoML",
    };
    await this.ensureRun(name, experiment.experimentId, tags);
    await this.ensureRun(this.sweepRunId, experiment.experimentId, {
      "mlflow.rootRunId": name,
      "mlflow.parentRunId": name,
      "mlflow.runName": this.sweepRunId,
    });
    if (this.current()?.status === "CancelRequested") {
      this.canceled = true;
      this.ending.abort();
    } else await this.setStatus("Running");
    const limit = durationSeconds(this.timeout) * 1000;
    const started = this.runs.run(this.workspaceId, name)?.startTime ?? Date.now();
    // Longer than a timer can be: such a job outlives no session of the local cloud.
    const left = Math.min(2 ** 31 - 1, Math.max(0, started + limit - Date.now()));
    this.deadline = setTimeout(() => this.endTrials(), left);
  }

  private async ensureRun(runId: string, experimentId: string, tags: Record<string, string>): Promise<Run> {
    const existing = this.runs.run(this.workspaceId, runId);
    if (existing) return existing;
    const run: Run = {
      runId,
      experimentId,
      name: tags["mlflow.runName"] ?? runId,
      status: "RUNNING",
      startTime: Date.now(),
      lifecycleStage: "active",
      params: {},
      tags,
      metrics: {},
    };
    await this.runs.put(this.workspaceId, run);
    return run;
  }

  private async runTrials(): Promise<Trial[]> {
    const { searchSpace = [], sweepSettings, limitSettings } = this.body.taskDetails;
    const space = parseSpace(searchSpace);
    const most = limitSettings?.maxTrials ?? 1;
    const algorithm = sweepSettings?.samplingAlgorithm ?? "Random";
    const trials: Trial[] = [];
    const work = async () => {
      while (trials.length < most && !this.ending.signal.aborted) {
        const number = trials.length;
        const sample = sampleTrial(algorithm, space, this.job.name, number, this.observations(trials));
        if (!sample) return;
        const trial = { runId: `${this.sweepRunId}_${number}`, sample };
        trials.push(trial);
        const release = await this.nodes.take(this.body.computeId ?? "serverless", this.ending.signal);
        try {
          if (!this.ending.signal.aborted) await this.runTrial(trial);
        } finally {
          release();
        }
      }
    };
    await Promise.all(Array.from({ length: limitSettings?.maxConcurrentTrials ?? 1 }, work));
    return trials;
  }

  private observations(trials: readonly Trial[]): Observation[] {
    return trials.flatMap(({ runId, sample }) => {
      const run = this.runs.run(this.workspaceId, runId);
      const metric = run?.metrics[primaryMetric]?.value;
      return run && ended.has(run.status) && metric !== undefined ? [{ sample, metric }] : [];
    });
  }

  private async runTrial({ runId, sample }: Trial): Promise<void> {
    const sweep = this.runs.run(this.workspaceId, this.sweepRunId);
    const tags = {
      "mlflow.rootRunId": this.job.name,
      "mlflow.parentRunId": this.sweepRunId,
      "mlflow.runName": runId,
      hyperparameters: JSON.stringify(sample),
    };
    const run = await this.ensureRun(runId, sweep?.experimentId ?? "", tags);
    if (ended.has(run.status)) return;
    // What an aborted attempt has logged is not this attempt's.
    await this.runs.clearLogged(this.workspaceId, runId);
    this.histories.set(runId, []);
    const outcome = await this.runChild(runId, this.orderOf(runId, sample));
    if (this.stopped) return;
    const [status, more]: [RunStatus, Record<string, string>] =
      outcome.kind === "done"
        ? ["FINISHED", outcome.terminated ? { early_terminated: "true" } : {}]
        : this.canceled
          ? ["KILLED", {}]
          : this.ending.signal.aborted
            ? ["KILLED", { "azureml.error": `The job's timeout of ${this.timeout} ended the trial.` }]
            : ["FAILED", { "azureml.error": outcome.reason }];
    await this.runs.change(this.workspaceId, runId, (current) => ({
      status,
      endTime: Date.now(),
      tags: { ...current.tags, ...more },
    }));
  }

  private orderOf(runId: string, sample: Sample): TrialOrder {
    const { taskDetails } = this.body;
    const data = (part: "trainingData" | "validationData") => {
      const given = taskDetails[part];
      return given && dataIdOf(this.cloud, this.job.id, given.uri, part);
    };
    return {
      workspaceId: this.workspaceId,
      runId,
      trainingData: data("trainingData") ?? "",
      validationData: data("validationData"),
      validationShare: taskDetails.validationDataSize ?? defaultValidationShare,
      labelColumn: taskDetails.targetColumnName ?? "label",
      settings: { modelName: "yolov5", ...taskDetails.modelSettings, ...sample },
    };
  }

  private runChild(
    runId: string,
    order: TrialOrder,
  ): Promise<{ kind: "done"; terminated: boolean } | { kind: "failed"; reason: string }> {
    return new Promise((resolve) => {
      const child = fork(join(__dirname, "trialMain.ts"), [], {
        env: this.cloud.childEnvironment(jobPrincipal(this.job, this.cloud)),
        stdio: ["ignore", "ignore", "inherit", "ipc"],
      });
      this.children.set(runId, child);
      let terminated = false;
      let reason: string | undefined;
      let done = false;
      child.on("message", (message: TrialMessage) => {
        switch (message.kind) {
          case "epoch": {
            terminated ||= this.decide(runId, message.metric) === "stop";
            child.send((terminated ? "stop" : "continue") satisfies EpochAnswer, () => {});
            return;
          }
          case "done":
            done = true;
            return;
          case "failed":
            reason = message.reason;
        }
      });
      const ended = (how: string) => {
        this.children.delete(runId);
        reason ??= `The process of the trial ended (${how}) before the training did.`;
        resolve(done ? { kind: "done", terminated } : { kind: "failed", reason });
      };
      // A process that cannot be started has no exit; one that died while it was sent something has both.
      child.on("error", (error) => child.pid === undefined && ended(error.message));
      child.once("exit", (code, signal) => ended(signal ?? `status ${code}`));
      child.send(order, () => {});
    });
  }

  private decide(runId: string, metric: number | undefined): EpochAnswer {
    if (metric === undefined) return "continue";
    this.histories.get(runId)?.push(metric);
    const policy = this.body.taskDetails.sweepSettings?.earlyTermination as Policy | undefined;
    return shouldStop(policy, runId, this.histories) ? "stop" : "continue";
  }

  private async end(trials: readonly Trial[]): Promise<void> {
    if (this.stopped) return;
    if (this.canceled) return this.finish("Canceled");
    const finished = trials
      .map(({ runId }) => this.runs.run(this.workspaceId, runId))
      .filter((run): run is Run => run?.status === "FINISHED" && run.metrics[primaryMetric] !== undefined);
    const [best] = [...finished].sort((a, b) => b.metrics[primaryMetric].value - a.metrics[primaryMetric].value);
    if (!best) {
      const failed = trials
        .map(({ runId }) => this.runs.run(this.workspaceId, runId))
        .find((run) => run?.tags["azureml.error"]);
      const reason = failed
        ? `Child run ${failed.runId} failed: ${failed.tags["azureml.error"]}`
        : "No trial ended within the limits.";
      return this.finish("Failed", { "azureml.error": reason });
    }
    await this.setStatus("Finalizing");
    await this.finish(
      "Completed",
      { automl_best_child_run_id: best.runId },
      { num_iterations: String(trials.length), primary_metric: primaryMetric },
    );
  }

  private async finish(
    status: "Completed" | "Failed" | "Canceled",
    tags: Record<string, string> = {},
    properties: Record<string, string> = {},
  ): Promise<void> {
    const runStatus: RunStatus = status === "Completed" ? "FINISHED" : status === "Failed" ? "FAILED" : "KILLED";
    for (const runId of [this.sweepRunId, this.job.name]) {
      await this.runs.change(this.workspaceId, runId, (run) => ({
        status: runStatus,
        endTime: Date.now(),
        tags: runId === this.job.name ? { ...run.tags, ...tags } : run.tags,
      }));
    }
    const current = this.current();
    await this.cloud.resources.patchProperties(this.job.id, {
      status,
      tags: { ...(current?.tags as object | undefined), ...tags },
      properties: {
        ...(current?.properties as object | undefined),
        runTemplate: "AutoML",
        attribution: "AutoML",
        ...properties,
      },
    });
  }

  private current(): Record<string, unknown> | undefined {
    return this.cloud.resources.get(this.job.id)?.properties;
  }

  private setStatus(status: string): Promise<void> {
    return this.cloud.resources.patchProperties(this.job.id, { status });
  }
}

/** Nodes of the computes: a trial holds one while it runs, and the others wait in order. */
export class NodeBudget {
  private readonly used = new Map<string, number>();
  private readonly waiting = new Map<string, (() => void)[]>();

  /** @param limitOf nodes that a compute may have */
  constructor(private readonly limitOf: (computeId: string) => number) {}

  /** Answers how to give the node back. An ending waiter gets none, and need not wait for those that run. */
  async take(computeId: string, ending: AbortSignal): Promise<() => void> {
    const key = computeId.toLowerCase();
    if (ending.aborted) return () => {};
    if ((this.used.get(key) ?? 0) >= this.limitOf(computeId)) {
      const got = await new Promise<boolean>((resolve) => {
        const next = () => resolve(true);
        this.waiting.set(key, [...(this.waiting.get(key) ?? []), next]);
        ending.addEventListener("abort", () => {
          const waiting = this.waiting.get(key) ?? [];
          if (!waiting.includes(next)) return;
          this.waiting.set(
            key,
            waiting.filter((waiter) => waiter !== next),
          );
          resolve(false);
        });
      });
      if (!got) return () => {};
    } else {
      this.used.set(key, (this.used.get(key) ?? 0) + 1);
    }
    return () => {
      const [next, ...rest] = this.waiting.get(key) ?? [];
      this.waiting.set(key, rest);
      if (next) next();
      else this.used.set(key, (this.used.get(key) ?? 1) - 1);
    };
  }
}
