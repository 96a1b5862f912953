import { ArmError, type Cloud } from "../contracts";
import { RunStore, type Run } from "../mlflow/runs";

/** What clients change in a run that is there: azure-ai-ml updates and archives jobs this way. */
interface Change {
  displayName?: string;
  description?: string;
  tags?: Record<string, string>;
  properties?: Record<string, string>;
  hidden?: boolean;
}

const known: Readonly<Record<keyof Change, string>> = {
  displayName: "string",
  description: "string",
  tags: "object",
  properties: "object",
  hidden: "boolean",
};

/** @throws ArmError for what the local cloud does not change */
export function checkChange(body: unknown): Change {
  const { runId: _, ...given } = (body ?? {}) as Record<string, unknown>;
  for (const [key, value] of Object.entries(given)) {
    if (value === null) continue;
    const type = known[key as keyof Change] as string | undefined;
    if (type === undefined)
      throw new ArmError(501, "NotImplemented", `The local cloud does not change '${key}' of a run.`, key);
    if (typeof value !== type) throw new ArmError(400, "UserError", `'${key}' must be of type ${type}.`, key);
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
}

/** Changes a run, and the job that it is of. */
export async function changeRun(
  cloud: Cloud,
  workspaceId: string,
  runId: string,
  { displayName, description, tags, properties, hidden }: Change,
): Promise<Run | undefined> {
  const jobId = `${workspaceId}/jobs/${runId}`;
  const job = cloud.resources.get(jobId)?.properties;
  if (job)
    await cloud.resources.patchProperties(jobId, {
      ...(displayName === undefined ? {} : { displayName }),
      ...(description === undefined ? {} : { description }),
      ...(hidden === undefined ? {} : { isArchived: hidden }),
      tags: { ...(job.tags as object | undefined), ...tags },
      properties: { ...(job.properties as object | undefined), ...properties },
    });
  return new RunStore(cloud.store).change(workspaceId, runId, (run) => ({
    name: displayName ?? run.name,
    tags: { ...run.tags, ...tags, ...(displayName === undefined ? {} : { "mlflow.runName": displayName }) },
  }));
}
