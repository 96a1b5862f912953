import { imageTasks, primaryMetrics } from "./parameters";

/** How the CLI compares a name of an enumeration: it folds `Random` to random, or `MeanAveragePrecision` to mean_average_precision. */
export type Fold = "lower" | "snake";

/** What a property of a job file may be. */
export type Shape =
  | { kind: "text"; pattern?: RegExp; wanted?: string }
  | { kind: "enum"; values: readonly string[]; fold: Fold }
  | { kind: "integer"; range: Range; strict?: boolean }
  | { kind: "number"; range: Range; exclusive?: boolean }
  | { kind: "boolean" }
  /** A version, which may be written as a number. */
  | { kind: "version" }
  /** Passed on as it is. */
  | { kind: "anything" }
  /** Read later, by the table of parameters of the task. */
  | { kind: "later" }
  | { kind: "list"; of: Shape }
  | { kind: "map"; of: Field; keys?: RegExp }
  | { kind: "object"; fields: Fields }
  /** A map whose property `type` says which other properties it has. */
  | { kind: "variants"; fold: Fold; variants: Readonly<Record<string, Fields>> }
  | { kind: "textOrList" };

export type Range = readonly [number, number];
export type Fields = Readonly<Record<string, Field>>;

export type Field = Shape & {
  required?: boolean;
  /** Whether it may be null. */
  nullable?: boolean;
  /** Why it is not sent, though it is legal; said as a warning, unless it is empty. */
  unused?: string;
  /** Why it is refused, where the schema of the CLI lists it. */
  refused?: string;
};

const text: Shape = { kind: "text" };
const countable: Range = [0, Number.MAX_SAFE_INTEGER];
const lower = (...values: string[]): Shape => ({ kind: "enum", values, fold: "lower" });
const snake = (...values: string[]): Shape => ({ kind: "enum", values, fold: "snake" });
const nullableTexts: Shape = { kind: "map", of: { ...text, nullable: true } };

const data: Shape = {
  kind: "object",
  fields: {
    path: { ...text, required: true },
    type: lower("mltable"),
    mode: {
      ...lower("ro_mount", "download", "direct", "eval_mount", "eval_download"),
      unused: "azure-ai-ml does not send it for AutoML jobs, and the service mounts the table itself",
    },
    datastore: text,
    path_on_compute: { ...text, unused: "AutoML jobs choose the path themselves" },
  },
};

const interval: Field = { kind: "integer", range: countable, nullable: true };
const slack: Field = { kind: "number", range: [0, Number.MAX_VALUE], nullable: true };
const intervals: Fields = { evaluation_interval: interval, delay_evaluation: interval };

const service: Fields = {
  port: { kind: "integer", range: [1, 65535] },
  nodes: { kind: "text", pattern: /^all$/, wanted: "it must be all" },
  properties: { kind: "map", of: { kind: "anything" } },
};

/** What the service fills in; files written by `az ml job show` carry it. */
const readOnly: Field = { kind: "anything", unused: "" };

/**
 * An AutoML image job as the schema of azure-ai-ml 1.35.2 takes it (autoMLJob.schema.json). `training_parameters` and
 * `search_space` follow the table of parameters. Numbers of trials and minutes: the service's own limits, "Set up AutoML to
 * train computer vision models".
 */
export const jobFields: Fields = {
  $schema: readOnly,
  id: readOnly,
  status: readOnly,
  creation_context: readOnly,
  log_files: readOnly,
  type: { kind: "enum", values: ["automl"], fold: "lower", required: true },
  task: { kind: "enum", values: imageTasks, fold: "lower", required: true },
  name: text,
  display_name: text,
  description: text,
  experiment_name: text,
  tags: nullableTexts,
  properties: nullableTexts,
  compute: text,
  environment_id: text,
  environment_variables: { kind: "map", of: text },
  log_verbosity: snake("not_set", "debug", "info", "warning", "error", "critical"),
  primary_metric: snake(...new Set(Object.values(primaryMetrics).flat())),
  target_column_name: { ...text, required: true },
  training_data: { ...data, required: true },
  validation_data: data,
  validation_data_size: { kind: "number", range: [0, 1], exclusive: true },
  test_data: { ...data, unused: "image jobs have no test data; it is not sent" },
  test_data_size: { kind: "anything", refused: "image jobs have no test data; leave it out" },
  limits: {
    kind: "object",
    fields: {
      timeout_minutes: { kind: "integer", range: [1, 60 * 24 * 60] },
      max_trials: { kind: "integer", range: [1, 1000] },
      max_concurrent_trials: { kind: "integer", range: [1, 100] },
    },
  },
  sweep: {
    kind: "object",
    fields: {
      sampling_algorithm: { ...lower("grid", "random", "bayesian"), required: true },
      early_termination: {
        kind: "variants",
        fold: "snake",
        variants: {
          bandit: { ...intervals, slack_factor: slack, slack_amount: slack },
          median_stopping: intervals,
          truncation_selection: {
            ...intervals,
            truncation_percentage: { kind: "integer", range: [1, 99], required: true },
          },
        },
      },
    },
  },
  training_parameters: { kind: "later" },
  search_space: { kind: "later" },
  resources: {
    kind: "object",
    fields: {
      instance_type: text,
      instance_count: { kind: "integer", range: [1, 1000] },
      max_instance_count: { kind: "integer", range: [1, 1000] },
      locations: { kind: "list", of: text },
      shm_size: text,
      docker_args: { kind: "textOrList" },
      properties: { kind: "map", of: { kind: "anything" } },
    },
  },
  queue_settings: {
    kind: "object",
    fields: {
      job_tier: lower("null", "spot", "basic", "standard", "premium"),
      priority: lower("low", "medium", "high"),
    },
  },
  identity: {
    kind: "variants",
    fold: "snake",
    variants: {
      managed: { client_id: text, object_id: text, msi_resource_id: text },
      managed_identity: { client_id: text, object_id: text, msi_resource_id: text },
      user_identity: {},
      aml_token: {},
    },
  },
  // The ARM body has it, though the schema of the CLI does not: a file with it is refused by `az ml job create`.
  notification_setting: {
    kind: "object",
    fields: {
      email_on: { kind: "list", of: snake("job_completed", "job_failed", "job_cancelled") },
      emails: { kind: "list", of: text },
    },
  },
  services: {
    kind: "map",
    of: {
      kind: "variants",
      fold: "lower",
      variants: {
        ssh: { ...service, ssh_public_keys: text },
        tensor_board: { ...service, log_dir: text },
        vs_code: service,
        jupyter_lab: service,
      },
    },
  },
  outputs: {
    kind: "map",
    keys: /^[a-zA-Z_][a-zA-Z0-9_]*$/,
    of: {
      kind: "object",
      nullable: true,
      fields: {
        name: {
          kind: "text",
          pattern: /^[A-Za-z0-9_-]{1,255}$/,
          wanted: "a name of at most 255 letters, digits, - and _ is wanted",
        },
        version: { kind: "version" },
        type: lower("uri_file", "uri_folder", "custom_model", "mlflow_model", "mltable", "triton_model"),
        mode: lower("mount", "rw_mount", "upload", "direct"),
        path: text,
      },
    },
  },
};
