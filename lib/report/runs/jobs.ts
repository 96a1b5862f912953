import { apiVersions, type ArmClient } from "../../azure/arm";
import { getJob, type Job } from "../../azure/jobs";
import { machineSize } from "../../azure/machineSizes";
import type { TrackedRun } from "../../azure/mlflow";
import { specHashOf } from "../../promotion";
import { nodeHoursOf, nodesOfTrial } from "../../prices/usage";
import type { Lineage, ReportRun, Use } from "./run";

interface TaskDetails {
  trainingData?: { uri?: string };
  validationData?: { uri?: string };
  targetColumnName?: string;
}

/** What Resource Manager knows of a job beside its tracking: data, cluster, price. */
export interface JobFacts {
  name: string;
  job: Job | undefined;
  vmSize: string | null;
  /** USD a node and hour; null where it is not known. */
  pricePerHour: number | null;
  /** Whether a policy of its sweep may end trials early. */
  endsTrialsEarly: boolean;
  status?: string;
}

/** @param pricePerHour in place of the list price of the cluster's size */
export async function readJob(
  arm: ArmClient,
  workspaceId: string,
  name: string,
  pricePerHour: number | undefined,
): Promise<JobFacts> {
  const job = await getJob(arm, workspaceId, name);
  const vmSize = job ? await sizeOf(arm, job) : null;
  const listed = vmSize === null ? undefined : machineSize(vmSize)?.pricePerHour;
  const { earlyTermination } =
    (detailsOf(job) as { sweepSettings?: { earlyTermination?: unknown } }).sweepSettings ?? {};
  return {
    name,
    job,
    vmSize,
    pricePerHour: pricePerHour ?? listed ?? null,
    endsTrialsEarly: Boolean(earlyTermination),
    status: job?.properties.status,
  };
}

async function sizeOf(arm: ArmClient, { properties }: Job): Promise<string | null> {
  const id = properties.computeId;
  if (typeof id !== "string" || !id.startsWith("/subscriptions/")) return null;
  const compute = await arm.get<{ properties?: { vmSize?: string } }>(id, apiVersions.machineLearning);
  return compute?.properties.properties?.vmSize ?? null;
}

function detailsOf(job: Job | undefined): TaskDetails {
  return job?.properties.taskDetails ?? {};
}

/** Node hours go by the run's time from start to end, on every node that the job asks for. */
export function useOf(run: TrackedRun, { job, vmSize, pricePerHour }: JobFacts, now: number): Use {
  const nodes = nodesOfTrial(job?.properties.resources);
  const nodeHours = nodeHoursOf(run, nodes, now);
  return {
    nodes,
    nodeHours,
    vmSize,
    cost: nodeHours === null || pricePerHour === null ? null : nodeHours * pricePerHour,
  };
}

export function lineageOf(run: TrackedRun, { name, job }: JobFacts): Lineage {
  const { trainingData, validationData } = detailsOf(job);
  const tags: Record<string, string | undefined> = {
    ...job?.properties.tags,
    ...job?.properties.properties,
    ...run.tags,
  };
  const hash = specHashOf(name);
  return {
    job: name,
    trainingData: dataName(trainingData?.uri),
    validationData: dataName(validationData?.uri),
    gitCommit: tags.git_commit ?? tags["mlflow.source.git.commit"] ?? tags["azureml.git.commit"] ?? null,
    specHash: hash === "unknown" ? null : hash,
  };
}

export function heldOutOf({ job }: JobFacts, workspaceId: string): ReportRun["heldOut"] {
  const { validationData, targetColumnName = "label" } = detailsOf(job);
  const uri = validationData?.uri ?? "";
  const [, asset, version] = /^azureml:([^:/@]+):([^:/@]+)$/.exec(uri) ?? [];
  if (asset !== undefined && version !== undefined)
    return { dataId: `${workspaceId}/data/${asset}/versions/${version}`, labelColumn: targetColumnName };
  return /^\/subscriptions\/.+\/data\/[^/]+\/versions\/[^/]+$/.test(uri)
    ? { dataId: uri, labelColumn: targetColumnName }
    : undefined;
}

/** NAME:VERSION of an asset; another place stands for itself. */
function dataName(uri: string | undefined): string | null {
  if (!uri) return null;
  const [, asset, version] = /\/data\/([^/]+)\/versions\/([^/]+)$/.exec(uri) ?? [];
  return asset === undefined || version === undefined ? uri.replace(/^azureml:/, "") : `${asset}:${version}`;
}
