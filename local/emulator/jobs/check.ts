import { isDeepStrictEqual } from "node:util";
import { ArmError, type Cloud, type PutRequest } from "../contracts";
import { workspaceOf } from "../arm/ids";
import { latestVersion } from "../services/assets";
import { durationSeconds } from "./duration";
import { checkPolicy, type Policy } from "./earlyTermination";
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
    sweepSettings?: { samplingAlgorithm: string; earlyTermination?: Policy };
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
  "parentJobName",
]);

/** The service's rules for a PUT of a job. @throws ArmError */
export function checkJob(request: PutRequest, cloud: Cloud): void {
  const { body, existing, name, id } = request;
  if (existing) return checkUnchanged(existing.properties, withPinnedData(request, cloud), name);
  if (/_HD(_\d+)?$/.test(name) && cloud.resources.get(id.replace(/_HD(_\d+)?$/, ""))) {
    throw new ArmError(400, "UserError", `'${name}' is the name of a child of an AutoML job.`, "name");
  }
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
    requireOf(cloud, job.computeId, computes, "properties.computeId");
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
  checkValidation(taskDetails);
  const { maxTrials = 1, maxConcurrentTrials = 1, timeout } = taskDetails.limitSettings ?? {};
  checkTimeout(timeout);
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
  checkPolicy(taskDetails.sweepSettings?.earlyTermination);
}

function checkValidation({ validationData, validationDataSize }: JobBody["taskDetails"]): void {
  if (validationDataSize === undefined || validationDataSize === null) return;
  const target = "properties.taskDetails.validationDataSize";
  if (validationData)
    throw new ArmError(400, "UserError", "validationData and validationDataSize exclude each other.", target);
  if (!(validationDataSize > 0 && validationDataSize < 1)) {
    throw new ArmError(
      400,
      "UserError",
      `validationDataSize is ${validationDataSize}; it must be above 0 and below 1.`,
      target,
    );
  }
}

/** Of the service: 60 days. */
const longestTimeoutSeconds = 60 * 86_400;

function checkTimeout(timeout: string | undefined | null): void {
  if (timeout === undefined || timeout === null) return;
  const seconds = durationSeconds(timeout);
  if (seconds > 0 && seconds <= longestTimeoutSeconds) return;
  throw new ArmError(
    400,
    "UserError",
    `timeout is '${timeout}'; it must be a duration of ISO 8601 such as PT1H30M, of up to 60 days.`,
    "properties.taskDetails.limitSettings.timeout",
  );
}

const ml = "Microsoft.MachineLearningServices/workspaces";
const computes = { type: `${ml}/computes`, what: "Compute" };
const dataVersions = { type: `${ml}/data/versions`, what: "Data asset" };

/**
 * The data version that a reference names: by its ARM id, `azureml:NAME:VERSION`, `azureml:NAME@latest`, or the ARM id of
 * the label `latest`. @throws ArmError when it is not there
 */
export function dataIdOf(cloud: Cloud, jobId: string, uri: string, target: string): string {
  const assets = `${workspaceOf(jobId)}/data`;
  const [, asset, version] = /^azureml:([^:/@]+):([^:/@]+)$/.exec(uri) ?? [];
  const [, labeled] = /^azureml:([^:/@]+)@latest$/.exec(uri) ?? [];
  const [, container] = /^(.+\/data\/[^/]+)\/labels\/latest$/i.exec(uri) ?? [];
  const of = container ?? (labeled && `${assets}/${labeled}`);
  const latest = of ? latestVersion(cloud.resources.list(of, dataVersions.type)) : undefined;
  const id = asset ? `${assets}/${asset}/versions/${version}` : (latest?.id ?? uri);
  return requireOf(cloud, id, dataVersions, target);
}

/**
 * The body with the label `latest` of its data replaced by the version of now: what a job was trained on does not move.
 */
export function withPinnedData({ body, id }: PutRequest, cloud: Cloud): Record<string, unknown> {
  const { taskDetails, ...rest } = (body.properties ?? {}) as { taskDetails?: Record<string, unknown> };
  if (!taskDetails) return rest;
  const pinned = Object.entries(taskDetails).map(([key, value]) => {
    const { uri } = (value ?? {}) as { uri?: unknown };
    const isLabel = typeof uri === "string" && /(@|\/labels\/)latest$/i.test(uri);
    if (!isLabel) return [key, value];
    return [key, { ...(value as object), uri: dataIdOf(cloud, id, uri, `properties.taskDetails.${key}.uri`) }];
  });
  return { ...rest, taskDetails: Object.fromEntries(pinned) as Record<string, unknown> };
}

function requireOf(cloud: Cloud, id: string, { type, what }: { type: string; what: string }, target: string): string {
  const record = cloud.resources.get(id);
  if (record?.type.toLowerCase() === type.toLowerCase()) return record.id;
  throw new ArmError(400, "UserError", `${what} '${id}' was not found in the workspace.`, target);
}

function checkUnchanged(before: Record<string, unknown>, after: Record<string, unknown>, name: string): void {
  const properties = (before.properties ?? {}) as Record<string, unknown>;
  for (const [key, value] of Object.entries((after.properties ?? {}) as Record<string, unknown>)) {
    if (!Object.hasOwn(properties, key) || properties[key] === value) continue;
    throw new ArmError(
      409,
      "UserError",
      `Property '${key}' of job '${name}' is '${String(properties[key])}' and cannot be changed; properties can be added alone.`,
      `properties.properties.${key}`,
    );
  }
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
