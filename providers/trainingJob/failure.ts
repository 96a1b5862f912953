import type { ArmClient } from "../../lib/azure/arm";
import { openRunArtifacts } from "../../lib/azure/datastores";
import type { Job } from "../../lib/azure/jobs";
import type { TrackedRun } from "../../lib/azure/mlflow";

const logFiles = ["user_logs/std_log.txt", "azureml-logs/70_driver_log.txt"];
const shownLines = 10;

export interface JobFailure {
  /** For people: which run, why, where to look, and the end of its log. */
  message: string;
  /** The node was taken away, which says nothing about the job. */
  preempted: boolean;
}

/**
 * Why a job ended badly. The parent says only that a child failed, so the trials are asked first.
 * @param trials the job's trials, as tracking has them
 */
export async function failureOf(
  arm: ArmClient,
  workspaceId: string,
  job: Job,
  trials: readonly TrackedRun[],
): Promise<JobFailure> {
  const failed = trials.find((trial) => trial.status === "FAILED" && trial.tags["azureml.error"]);
  const told = failed
    ? `trial ${failed.runId}: ${failed.tags["azureml.error"]}`
    : (job.properties.tags?.["azureml.error"] ?? job.properties.properties?.["azureml.error"]);
  const reason = told ?? (job.properties.status === "Canceled" ? "it was canceled" : "the service gave no reason");
  const studio = job.properties.services?.Studio?.endpoint;
  const log = failed ? await lastLines(arm, workspaceId, failed.runId) : "";
  const message =
    `Job ${job.name} ended as ${job.properties.status}: ${reason}${studio ? `\nRun page: ${studio}` : ""}` +
    (log ? `\nEnd of the log of ${failed?.runId}:\n${log}` : "");
  return { message, preempted: /preempt|evicted/i.test(reason) };
}

/** The end of a run's log; empty when it has none, or when it cannot be read: the reason matters more. */
async function lastLines(arm: ArmClient, workspaceId: string, runId: string): Promise<string> {
  try {
    const { container, prefix } = await openRunArtifacts(arm, workspaceId, runId);
    for (const file of logFiles) {
      const blob = container.getBlobClient(prefix + file);
      if (!(await blob.exists())) continue;
      const lines = (await blob.downloadToBuffer()).toString("utf8").trimEnd().split("\n");
      return lines
        .slice(-shownLines)
        .map((line) => `  ${line}`)
        .join("\n");
    }
  } catch {
    // Said above: the reason matters more.
  }
  return "";
}
