import { parameters } from "./parameters";
import { defaultPrimaryMetric } from "./parse";
import { searchSpaceEntry } from "./searchSpace";
import type { DataReference, EarlyTermination, JobSpec, Scalar } from "./spec";

/** What a reference of a job file points to. */
export type ReferenceKind = "compute" | "data" | "environment";

/**
 * Turns a reference of a job file (`azureml:gpu-cluster`, `azureml:NAME:VERSION`, `azureml:NAME@latest`, an ARM id) into
 * what the service takes: an ARM id or an azureml:// URI.
 */
export type Resolver = (kind: ReferenceKind, reference: string) => string;

/** The ARM request body of a job: what azure-ai-ml sends for the same file. */
export function buildJobBody(spec: JobSpec, resolve: Resolver): { properties: Record<string, unknown> } {
  return {
    properties: withoutUndefined({
      jobType: "AutoML",
      displayName: spec.display_name,
      description: spec.description,
      experimentName: spec.experiment_name,
      tags: spec.tags ?? {},
      properties: spec.properties ?? {},
      isArchived: false,
      computeId:
        spec.compute === undefined
          ? undefined
          : spec.compute === "serverless"
            ? "serverless"
            : resolve("compute", spec.compute),
      environmentId: spec.environment_id === undefined ? undefined : resolve("environment", spec.environment_id),
      environmentVariables: spec.environment_variables,
      identity: identity(spec),
      resources: resources(spec),
      queueSettings: spec.queue_settings?.job_tier ? { jobTier: pascal(spec.queue_settings.job_tier) } : undefined,
      outputs: outputs(spec),
      taskDetails: taskDetails(spec, resolve),
    }),
  };
}

function taskDetails(spec: JobSpec, resolve: Resolver): Record<string, unknown> {
  const data = (reference: DataReference | undefined) =>
    reference ? { jobInputType: "mltable", uri: resolve("data", reference.path) } : undefined;
  const {
    timeout_minutes: minutes,
    max_trials: maxTrials,
    max_concurrent_trials: maxConcurrentTrials,
  } = spec.limits ?? {};
  return withoutUndefined({
    taskType: pascal(spec.task),
    logVerbosity: pascal(spec.log_verbosity ?? "info"),
    targetColumnName: spec.target_column_name,
    primaryMetric: primaryMetric(spec.primary_metric ?? defaultPrimaryMetric(spec.task)),
    trainingData: data(spec.training_data),
    validationData: data(spec.validation_data),
    validationDataSize: spec.validation_data_size,
    limitSettings: withoutUndefined({
      timeout: minutes === undefined ? undefined : isoDuration(minutes),
      maxTrials,
      maxConcurrentTrials,
    }),
    sweepSettings: spec.sweep
      ? withoutUndefined({
          samplingAlgorithm: pascal(spec.sweep.sampling_algorithm),
          earlyTermination: spec.sweep.early_termination ? earlyTermination(spec.sweep.early_termination) : undefined,
        })
      : undefined,
    modelSettings: spec.training_parameters ? modelSettings(spec.training_parameters) : undefined,
    searchSpace: spec.search_space?.map(searchSpaceEntry),
  });
}

function modelSettings(given: Record<string, Scalar>): Record<string, Scalar> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const parameter = parameters[name];
      if (parameter?.kind === "enum") return [parameter.rest, pascal(String(value))];
      return [parameter?.rest ?? name, parameter?.kind === "boolean" ? Boolean(value) : value];
    }),
  );
}

/** The client's own defaults are sent, as azure-ai-ml does; the service has others. */
function earlyTermination(policy: EarlyTermination): Record<string, unknown> {
  const shared = { delayEvaluation: policy.delay_evaluation ?? 0, evaluationInterval: policy.evaluation_interval ?? 0 };
  switch (policy.type) {
    case "bandit":
      return {
        policyType: "Bandit",
        ...shared,
        slackFactor: policy.slack_factor ?? 0,
        slackAmount: policy.slack_amount ?? 0,
      };
    case "median_stopping":
      return { policyType: "MedianStopping", ...shared, evaluationInterval: policy.evaluation_interval ?? 1 };
    case "truncation_selection":
      return { policyType: "TruncationSelection", ...shared, truncationPercentage: policy.truncation_percentage ?? 0 };
  }
}

function identity({ identity: given }: JobSpec): Record<string, unknown> | undefined {
  if (!given) return undefined;
  const identityType = {
    managed: "Managed",
    managed_identity: "Managed",
    user_identity: "UserIdentity",
    aml_token: "AMLToken",
  }[given.type];
  return withoutUndefined({
    identityType,
    clientId: given.client_id,
    objectId: given.object_id,
    resourceId: given.resource_id,
  });
}

function resources({ resources: given }: JobSpec): Record<string, unknown> | undefined {
  if (!given) return undefined;
  return withoutUndefined({
    instanceType: given.instance_type,
    instanceCount: given.instance_count,
    shmSize: given.shm_size,
    dockerArgs: given.docker_args,
    properties: given.properties,
  });
}

const outputModes: Record<string, string> = { rw_mount: "ReadWriteMount", upload: "Upload", direct: "Direct" };

function outputs({ outputs: given = {} }: JobSpec): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).map(([name, { type = "uri_folder", mode, path }]) => [
      name,
      withoutUndefined({ jobOutputType: type, mode: mode === undefined ? undefined : outputModes[mode], uri: path }),
    ]),
  );
}

/** snake_case to PascalCase, as the enums of the REST API are written. */
function pascal(name: string): string {
  return name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function primaryMetric(metric: string): string {
  if (metric === "iou") return "IOU";
  return metric === "auc_weighted" ? "AUCWeighted" : pascal(metric);
}

/** Whole minutes as ISO 8601: 90 is PT1H30M, 1500 is P1DT1H. */
export function isoDuration(minutes: number): string {
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  const time = `${hours ? `${hours}H` : ""}${rest ? `${rest}M` : ""}`;
  return `P${days ? `${days}D` : ""}${time ? `T${time}` : ""}`;
}

function withoutUndefined(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined));
}
