import { parameters } from "./parameters";
import { defaultPrimaryMetric } from "./parse";
import { isServerless } from "./references";
import { searchSpaceEntry } from "./searchSpace";
import type { DataReference, EarlyTermination, JobService, JobSpec, ReferenceKind, Scalar } from "./spec";

/**
 * Turns a reference of a job file (`azureml:gpu-cluster`, `azureml:NAME:VERSION`, `azureml:NAME@latest`, a local folder, an
 * ARM id) into what the service takes: an ARM id or an azureml:// URI.
 */
export type Resolver = (kind: ReferenceKind, reference: string) => string;

/**
 * The ARM request body of a job: what azure-ai-ml 1.35.2 sends for the same file. It differs where the client's own body does
 * not say what the file says:
 * - `resources`, `queueSettings` and `services` are sent by the client with Python's names (`instance_type`, `job_tier`),
 *   which the API does not know; here with the API's names, as the client's own `_to_rest_object` has them;
 * - an output is sent as a `uri_folder` whatever its `type`; here with its type;
 * - `samplingAlgorithm` is sent in lower case; here as the API's enum has it;
 * - `compute: serverless` is sent as the ARM id of a compute of that name; here left out, which is how a job says serverless
 *   ("Model training on serverless compute");
 * - without `display_name` and `experiment_name` the client makes up a name, and takes that of the working folder; here the
 *   service's defaults hold.
 */
export function buildJobBody(spec: JobSpec, resolve: Resolver): { properties: Record<string, unknown> } {
  return {
    properties: withoutUndefined({
      jobType: "AutoML",
      displayName: spec.display_name || spec.name || undefined,
      description: spec.description,
      experimentName: spec.experiment_name || undefined,
      tags: spec.tags ?? {},
      properties: spec.properties ?? {},
      isArchived: false,
      computeId:
        spec.compute === undefined || isServerless(spec.compute) ? undefined : resolve("compute", spec.compute),
      environmentId: environmentId(spec, resolve),
      environmentVariables: spec.environment_variables,
      identity: identity(spec),
      resources: resources(spec),
      queueSettings: queueSettings(spec),
      notificationSetting: notificationSetting(spec),
      services: services(spec),
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
      return [parameter?.rest ?? name, parameter?.kind === "enum" ? pascal(String(value)) : value];
    }),
  );
}

/** The client's own defaults are sent, as azure-ai-ml does; the service has others. A null leaves it to the service. */
function earlyTermination(policy: EarlyTermination): Record<string, unknown> {
  const orDefault = (value: number | null | undefined, otherwise: number) =>
    value === undefined ? otherwise : (value ?? undefined);
  const shared = {
    delayEvaluation: orDefault(policy.delay_evaluation, 0),
    evaluationInterval: orDefault(policy.evaluation_interval, policy.type === "median_stopping" ? 1 : 0),
  };
  switch (policy.type) {
    case "bandit":
      return withoutUndefined({
        policyType: "Bandit",
        ...shared,
        slackFactor: orDefault(policy.slack_factor, 0),
        slackAmount: orDefault(policy.slack_amount, 0),
      });
    case "median_stopping":
      return withoutUndefined({ policyType: "MedianStopping", ...shared });
    case "truncation_selection":
      return withoutUndefined({
        policyType: "TruncationSelection",
        ...shared,
        truncationPercentage: policy.truncation_percentage,
      });
  }
}

/** The client sends an environment as the file has it; only which version is the latest is pinned. */
function environmentId({ environment_id: given }: JobSpec, resolve: Resolver): string | undefined {
  return given?.endsWith("@latest") ? resolve("environment", given) : given;
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
    resourceId: given.msi_resource_id,
  });
}

function resources({ resources: given }: JobSpec): Record<string, unknown> | undefined {
  if (!given) return undefined;
  const args = given.docker_args;
  return withoutUndefined({
    instanceType: given.instance_type,
    instanceCount: given.instance_count,
    maxInstanceCount: given.max_instance_count,
    locations: given.locations,
    shmSize: given.shm_size,
    dockerArgs: typeof args === "string" ? args : undefined,
    dockerArgsList: typeof args === "string" ? undefined : args,
    properties: given.properties && renamed(given.properties),
  });
}

/** Names of resource properties that the client puts right, whatever their case. */
const resourceProperties: Readonly<Record<string, string>> = {
  aisupercomputer: "AISuperComputer",
  singularity: "AISuperComputer",
  itp: "itp",
  target_selector: "target_selector",
};

function renamed(properties: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [resourceProperties[name.toLowerCase()] ?? name, value]),
  );
}

const priorities = { low: 1, medium: 2, high: 3 };

function queueSettings({ queue_settings: given }: JobSpec): Record<string, unknown> | undefined {
  if (!given) return undefined;
  return withoutUndefined({
    jobTier: given.job_tier ? pascal(given.job_tier) : undefined,
    priority: given.priority ? priorities[given.priority] : undefined,
  });
}

function notificationSetting({ notification_setting: given }: JobSpec): Record<string, unknown> | undefined {
  return given && withoutUndefined({ emailOn: given.email_on?.map(pascal), emails: given.emails });
}

const serviceTypes: Readonly<Record<JobService["type"], string>> = {
  ssh: "SSH",
  tensor_board: "TensorBoard",
  vs_code: "VSCode",
  jupyter_lab: "JupyterLab",
};

function services({ services: given }: JobSpec): Record<string, unknown> | undefined {
  if (!given) return undefined;
  return Object.fromEntries(
    Object.entries(given).map(([name, service]) => {
      const own = withoutUndefined({ sshPublicKeys: service.ssh_public_keys, logDir: service.log_dir });
      const properties =
        service.properties || Object.keys(own).length > 0 ? { ...service.properties, ...own } : undefined;
      return [
        name,
        withoutUndefined({
          jobServiceType: serviceTypes[service.type],
          port: service.port,
          nodes: service.nodes === undefined ? undefined : { nodesValueType: "All" },
          properties,
        }),
      ];
    }),
  );
}

const outputModes: Readonly<Record<string, string>> = {
  mount: "ReadWriteMount",
  rw_mount: "ReadWriteMount",
  upload: "Upload",
  direct: "Direct",
};

function outputs({ outputs: given = {} }: JobSpec): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).map(([name, output]) => {
      const { type = "uri_folder", mode, path, name: asset, version } = output ?? {};
      return [
        name,
        withoutUndefined({
          jobOutputType: type,
          mode: mode === undefined ? undefined : outputModes[mode],
          uri: path,
          assetName: asset,
          assetVersion: version,
        }),
      ];
    }),
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
