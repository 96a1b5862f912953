import { setTimeout as sleep } from "node:timers/promises";
import type { ArmClient } from "../../lib/azure/arm";
import { getJob, isTerminal, listTrials, type Job } from "../../lib/azure/jobs";
import { TrackingClient, type TrackedRun } from "../../lib/azure/mlflow";
import type { Trial } from "./resource";

const firstPollMs = 1_000;
const slowestPollMs = 30_000;
const primaryMetric = "mean_average_precision";
const ended = new Set(["FINISHED", "FAILED", "KILLED"]);

/** Trials with their metric, in order. */
export async function trialsOf(arm: ArmClient, workspaceId: string, jobName: string): Promise<Trial[]> {
  const runs = await listTrials(await TrackingClient.connect(arm, workspaceId), jobName);
  return runs.map(({ runId, status, metrics }) => ({ name: runId, status, metric: metrics[primaryMetric] ?? null }));
}

/**
 * Waits for the end of a job and prints a line at each change: state, trials done, best metric so far, time.
 * @throws Error at the deadline, or (unless `failOnFailure` is false) when the job failed or was canceled, with the reason
 *   taken from the trial that knows it.
 */
export async function watch(
  arm: ArmClient,
  workspaceId: string,
  job: Job,
  deadlineMinutes: number,
  { failOnFailure = true } = {},
): Promise<void> {
  const tracking = await TrackingClient.connect(arm, workspaceId);
  const started = Date.now();
  let shown = "";
  for (let pollMs = firstPollMs; ; pollMs = Math.min(pollMs * 1.3, slowestPollMs)) {
    const current = await getJob(arm, workspaceId, job.name);
    if (!current)
      throw new Error(
        `Job ${job.name} is gone: it was deleted while it was being waited for. Run "pulumi up" to submit it again.`,
      );
    const { status } = current.properties;
    const trials = await listTrials(tracking, job.name);
    const line = describe(status, trials);
    if (line !== shown) {
      console.log(`Job ${job.name}: ${line}, ${Math.round((Date.now() - started) / 1000)} s`);
      shown = line;
      pollMs = firstPollMs;
    }
    if (isTerminal(status)) {
      if (status === "Completed" || !failOnFailure) return;
      throw new Error(`Job ${job.name} ended as ${status}: ${failureReason(current, trials)}`);
    }
    if (Date.now() - started > deadlineMinutes * 60_000) {
      throw new Error(
        `Job ${job.name} is ${status} after ${deadlineMinutes} minutes, the limit of training.deadlineMinutes. ` +
          'It goes on running; "pulumi up" goes on waiting for it.',
      );
    }
    await sleep(pollMs);
  }
}

function describe(status: string, trials: readonly TrackedRun[]): string {
  const done = trials.filter((trial) => ended.has(trial.status)).length;
  const metrics = trials.map((trial) => trial.metrics[primaryMetric]).filter((value) => Number.isFinite(value));
  const best = metrics.length > 0 ? `, best mAP ${Math.max(...metrics).toFixed(3)}` : "";
  return trials.length > 0 ? `${status}, ${done}/${trials.length} trials done${best}` : status;
}

/** The parent of a failed job says only that a child failed, so the trials are asked first. */
function failureReason(job: Job, trials: readonly TrackedRun[]): string {
  const failed = trials.find((trial) => trial.status === "FAILED" && trial.tags["azureml.error"]);
  const reason = failed
    ? `trial ${failed.runId}: ${failed.tags["azureml.error"]}`
    : job.properties.tags?.["azureml.error"];
  const studio = job.properties.services?.Studio?.endpoint;
  return `${reason ?? "the service gave no reason"}${studio ? ` (${studio})` : ""}`;
}
