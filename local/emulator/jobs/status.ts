import type { RunStatus } from "../mlflow/runs";

/**
 * States of a job in the order in which Azure ML goes through them. NotResponding comes and goes while a job runs.
 * @see https://learn.microsoft.com/javascript/api/@azure/arm-machinelearning/jobstatus
 */
export type JobStatus =
  | "NotStarted"
  | "Starting"
  | "Preparing"
  | "Queued"
  | "Running"
  | "NotResponding"
  | "Finalizing"
  | "CancelRequested"
  | "Completed"
  | "Failed"
  | "Canceled";

/** How MLflow names the states. */
const runStatuses: Record<JobStatus, RunStatus> = {
  NotStarted: "SCHEDULED",
  Starting: "SCHEDULED",
  Preparing: "SCHEDULED",
  Queued: "SCHEDULED",
  Running: "RUNNING",
  NotResponding: "RUNNING",
  Finalizing: "RUNNING",
  CancelRequested: "RUNNING",
  Completed: "FINISHED",
  Failed: "FAILED",
  Canceled: "KILLED",
};

export function runStatusOf(status: JobStatus): RunStatus {
  return runStatuses[status];
}

/** The state of a job whose run has ended. */
export function endOf(status: RunStatus): JobStatus | undefined {
  return (["Completed", "Failed", "Canceled"] as const).find((end) => runStatuses[end] === status);
}

export function isEnded(status: unknown): boolean {
  return status === "Completed" || status === "Failed" || status === "Canceled";
}
