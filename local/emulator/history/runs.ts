import type { Cloud } from "../contracts";
import { artifactFolder } from "../mlflow/artifacts";
import type { Run, RunStatus } from "../mlflow/runs";
import { guidOf } from "../guid";
import { RunArtifacts } from "./artifacts";

/** What run history calls the states of MLflow. */
const statuses: Readonly<Record<RunStatus, string>> = {
  SCHEDULED: "Queued",
  RUNNING: "Running",
  FINISHED: "Completed",
  FAILED: "Failed",
  KILLED: "Canceled",
};

const logFolders = /^(user_logs|system_logs|logs|azureml-logs)\//;

/** A run as run history answers it. */
export function runOf(cloud: Cloud, workspaceId: string, run: Run): Record<string, unknown> {
  const job = cloud.resources.get(`${workspaceId}/jobs/${run.runId}`)?.properties;
  const { "mlflow.parentRunId": parentRunId, "mlflow.rootRunId": rootRunId, "azureml.error": error } = run.tags;
  return {
    runId: run.runId,
    runUuid: guidOf(workspaceId, run.runId),
    parentRunId,
    rootRunId: rootRunId ?? run.runId,
    experimentId: run.experimentId,
    displayName: job?.displayName ?? run.name,
    description: job?.description,
    // A job has states that MLflow does not know.
    status: job?.status ?? statuses[run.status],
    createdUtc: isoTime(run.startTime),
    startTimeUtc: isoTime(run.startTime),
    endTimeUtc: isoTime(run.endTime),
    tags: { ...run.tags, ...(job?.tags as object | undefined) },
    properties: job?.properties ?? {},
    parameters: run.params,
    hidden: job?.isArchived === true,
    ...(error ? { error: { error: { code: "UserError", message: error } } } : {}),
  };
}

/** The same with the addresses of the run's logs, which anybody can read who has them. */
export async function detailsOf(cloud: Cloud, workspaceId: string, run: Run): Promise<Record<string, unknown>> {
  const artifacts = new RunArtifacts(cloud, workspaceId, ...originOf(run.runId));
  const logs = (await artifacts.list("")).filter(({ path }) => logFolders.test(path));
  const logFiles = await Promise.all(logs.map(async ({ path }) => [path, await artifacts.address(path)]));
  return { ...runOf(cloud, workspaceId, run), logFiles: Object.fromEntries(logFiles) as Record<string, string> };
}

/** Origin and container of a run's artifacts. */
function originOf(runId: string): [string, string] {
  const [origin = "", container = ""] = artifactFolder(runId).split("/");
  return [origin, container];
}

function isoTime(time: number | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}
