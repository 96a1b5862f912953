import type { LocalClock } from "../time/clock";
import type { Cluster, Lease } from "./cluster";
import type { JobRuns } from "./jobRuns";
import type { EpochAnswer, TrialOrder } from "./messages";
import { TrialProcess, type ProcessEnd } from "./trialProcess";

/** Why a trial ends before its time. */
export type Ending =
  | { kind: "canceled" }
  | { kind: "timeout"; reason: string }
  | { kind: "failed"; reason: string }
  /** The cloud stops, or the job is gone: nothing more is written. */
  | { kind: "left" };

/** What the service says when it gives a job up whose node was taken away. */
export const preemptionError =
  "AzureMLCompute job failed. PreemptionError: Nodes of this job got pre-empted. Check if the run has failed or restarted. Reason: Received pre-emption warning signal";

export interface TrialSurroundings {
  runs: JobRuns;
  cluster: Cluster;
  clock: LocalClock;
  environment: NodeJS.ProcessEnv;
  /** What the sweep decides after an epoch. */
  decide: (runId: string, metric: number) => EpochAnswer;
  /** A trial begins anew: what it has reported is forgotten. */
  forget: (runId: string) => void;
}

/** One trial: waits for a node, trains there, and begins again on another node when that is taken away. */
export class Trial {
  private readonly ending = new AbortController();
  private terminated = false;

  constructor(
    readonly runId: string,
    private readonly order: TrialOrder,
    private readonly around: TrialSurroundings,
  ) {}

  /** Ends the trial; the first reason stays. */
  end(ending: Ending): void {
    this.ending.abort(ending);
  }

  async run(): Promise<void> {
    const { runs, cluster } = this.around;
    for (const status of ["Starting", "Preparing"] as const) await runs.set(this.runId, status);
    for (let again = true; again;) {
      await runs.set(this.runId, "Queued");
      const lease = await cluster.take(this.runId, this.ending.signal);
      if (!lease) return this.close();
      try {
        again = await this.runOn(lease);
      } finally {
        lease.release();
      }
    }
  }

  /** True when the trial is to begin again on another node. */
  private async runOn(lease: Lease): Promise<boolean> {
    const { runs, clock, environment } = this.around;
    // What an aborted attempt has logged is not this attempt's.
    await runs.clearLogged(this.runId);
    this.around.forget(this.runId);
    this.terminated = false;
    await runs.set(this.runId, "Running");
    const signals = AbortSignal.any([this.ending.signal, lease.lost]);
    const end: ProcessEnd = signals.aborted
      ? { done: false, reason: "" }
      : await this.train(new TrialProcess(this.order, environment, this.events(), clock), signals);
    if (end.done) {
      await runs.set(this.runId, "Completed", { tags: this.terminated ? { early_terminated: "true" } : {} });
      return false;
    }
    if (lease.lost.aborted && !this.ending.signal.aborted) {
      if ((lease.lost.reason as { requeue: boolean }).requeue) return true;
      this.end({ kind: "failed", reason: preemptionError });
    }
    this.end({ kind: "failed", reason: end.reason });
    await this.close();
    return false;
  }

  private async train(process: TrialProcess, signals: AbortSignal): Promise<ProcessEnd> {
    const kill = () => process.kill();
    signals.addEventListener("abort", kill);
    try {
      return await process.ended;
    } finally {
      signals.removeEventListener("abort", kill);
    }
  }

  private events() {
    const { runs, decide } = this.around;
    return {
      onEpoch: (metric: number | undefined): EpochAnswer => {
        if (metric !== undefined) this.terminated ||= decide(this.runId, metric) === "stop";
        return this.terminated ? "stop" : "continue";
      },
      onFinalizing: () => void runs.set(this.runId, "Finalizing"),
      onSilence: (silent: boolean) => void runs.set(this.runId, silent ? "NotResponding" : "Running"),
    };
  }

  /** Writes the end that the trial was given. */
  private async close(): Promise<void> {
    const { runs } = this.around;
    const ending = this.ending.signal.reason as Ending;
    switch (ending.kind) {
      case "left":
        return;
      case "canceled":
        await runs.set(this.runId, "CancelRequested");
        return runs.set(this.runId, "Canceled");
      case "timeout":
        return runs.set(this.runId, "Canceled", { tags: { "azureml.error": ending.reason } });
      case "failed":
        return runs.set(this.runId, "Failed", { tags: { "azureml.error": ending.reason } });
    }
  }
}
