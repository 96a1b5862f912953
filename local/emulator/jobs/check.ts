import { isDeepStrictEqual } from "node:util";
import { ArmError, type Cloud, type PutRequest } from "../contracts";
import { workspaceOf } from "../arm/ids";
import { parseSpace, sampleTrial } from "./sampler";

/** Parts of an AutoML image job's body that the local cloud acts on. */
export interface JobBody {
  jobType: string;
  computeId?: string;
  experimentName?: string;
  displayName?: string;
  tags?: Record<string, string>;
  properties?: Record<string, string>;
  resources?: { instanceType?: string };
  taskDetails: {
    taskType: string;
    targetColumnName?: string;
    primaryMetric?: string;
    trainingData: { uri: string };
    validationData?: { uri: string };
    validationDataSize?: number;
    limitSettings?: { timeout?: string; maxTrials?: number; maxConcurrentTrials?: number };
    sweepSettings?: { samplingAlgorithm: string; earlyTermination?: Record<string, unknown> };
    modelSettings?: Record<string, string | number | boolean>;
    searchSpace?: Record<string, string>[];
  };
}

/** What may change in a job that exists; all else is what the job is. */
const changeable = new Set([
  "tags",
  "properties",
  "displayName",
  "description",
  "isArchived",
  "status",
  "services",
  "provisioningState",
]);

/** The service's rules for a PUT of a job. @throws ArmError */
export function checkJob({ body, existing, name, id }: PutRequest, cloud: Cloud): void {
  if (existing) return checkUnchanged(existing.properties, body.properties ?? {}, name);
  if (!/^[a-zA-Z0-9][\w-]{0,254}$/.test(name)) {
    throw new ArmError(
      400,
      "UserError",
      `'${name}' is no valid job name: up to 255 letters, digits, '-' and '_', beginning with a letter or a digit.`,
      "name",
    );
  }
  const job = body.properties as unknown as JobBody;
  if (job.jobType !== "AutoML" || job.taskDetails.taskType !== "ImageObjectDetection") {
    throw new ArmError(
      501,
      "NotImplemented",
      `The local cloud runs AutoML jobs of task ImageObjectDetection, not ${job.jobType}/${job.taskDetails?.taskType}. See docs/local.md.`,
      "properties.taskDetails.taskType",
    );
  }
  const { taskDetails } = job;
  if (job.computeId && job.computeId !== "serverless")
    requireOf(cloud, job.computeId, "Compute", "properties.computeId");
  else if (!job.computeId && !job.resources?.instanceType) {
    throw new ArmError(
      400,
      "UserError",
      "A job needs a computeId, or resources.instanceType to run serverless.",
      "properties.computeId",
    );
  }
  for (const part of ["trainingData", "validationData"] as const) {
    const data = taskDetails[part];
    if (data) dataIdOf(cloud, id, data.uri, `properties.taskDetails.${part}.uri`);
  }
  const { maxTrials = 1, maxConcurrentTrials = 1 } = taskDetails.limitSettings ?? {};
  const limit = (value: number, most: number, target: string) => {
    if (!Number.isInteger(value) || value < 1 || value > most)
      throw new ArmError(
        400,
        "UserError",
        `${target} is ${value}; it must be from 1 to ${most}.`,
        `properties.taskDetails.limitSettings.${target}`,
      );
  };
  limit(maxTrials, 1000, "maxTrials");
  limit(maxConcurrentTrials, Math.min(100, maxTrials), "maxConcurrentTrials");
  const space = parseSpace(taskDetails.searchSpace ?? []);
  const algorithm = taskDetails.sweepSettings?.samplingAlgorithm ?? "Random";
  if (space.length > 1 && algorithm.toLowerCase() === "bayesian") {
    throw new ArmError(
      400,
      "UserError",
      "Bayesian sampling does not support conditional search spaces; use Random or Grid.",
      "properties.taskDetails.sweepSettings.samplingAlgorithm",
    );
  }
  sampleTrial(algorithm, space, name, 0, []);
}

/** The data version that a reference names. @throws ArmError when it is not there */
export function dataIdOf(cloud: Cloud, jobId: string, uri: string, target: string): string {
  const [, asset, version] = /^azureml:([^:/@]+):([^:/@]+)$/.exec(uri) ?? [];
  const id = asset ? `${workspaceOf(jobId)}/data/${asset}/versions/${version}` : uri;
  return requireOf(cloud, id, "Data asset", target);
}

function requireOf(cloud: Cloud, id: string, what: string, target: string): string {
  const record = cloud.resources.get(id);
  if (!record) throw new ArmError(400, "UserError", `${what} '${id}' was not found in the workspace.`, target);
  return record.id;
}

function checkUnchanged(before: Record<string, unknown>, after: Record<string, unknown>, name: string): void {
  const changed = Object.keys(after).find(
    (key) => !changeable.has(key) && !isDeepStrictEqual(after[key] ?? null, before[key] ?? null),
  );
  if (changed) {
    throw new ArmError(
      409,
      "UserError",
      `Job '${name}' exists, and '${changed}' of a job cannot be changed. Submit it under another name.`,
      `properties.${changed}`,
    );
  }
}

/** Seconds of an ISO 8601 duration of days, hours, minutes and seconds. */
export function durationSeconds(text: string): number {
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] =
    /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/.exec(text) ?? [];
  return Number(days) * 86_400 + Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
}
