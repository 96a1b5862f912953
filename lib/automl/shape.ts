import { imageTasks, primaryMetrics } from "./parameters";

/** What a property of a job file may be. */
export type Shape =
  | { kind: "string"; values?: readonly string[] }
  | { kind: "number"; range?: readonly [number, number]; integer?: boolean; exclusive?: boolean }
  | { kind: "boolean" }
  | { kind: "strings" }
  | { kind: "anything" }
  | { kind: "map"; of: Shape }
  | { kind: "object"; fields: Readonly<Record<string, Field>> };

export type Field = Shape & { required?: boolean };

const text: Shape = { kind: "string" };
const texts: Shape = { kind: "map", of: text };
const data: Shape = {
  kind: "object",
  fields: {
    path: { ...text, required: true },
    type: { kind: "string", values: ["mltable"], required: true },
    mode: { kind: "string", values: ["ro_mount", "rw_mount", "download", "direct", "eval_mount", "eval_download"] },
    description: text,
  },
};
const interval: Shape = { kind: "number", integer: true, range: [0, Number.MAX_SAFE_INTEGER] };

/**
 * An AutoML image job of the Azure ML CLI v2 (autoMLJob.schema.json). `training_parameters` and `search_space` follow the
 * table of parameters instead. Numbers of trials and minutes: the service's own limits.
 */
export const jobShape: Readonly<Record<string, Field>> = {
  $schema: text,
  type: { kind: "string", values: ["automl"], required: true },
  task: { kind: "string", values: imageTasks, required: true },
  name: text,
  display_name: text,
  description: text,
  experiment_name: text,
  tags: texts,
  properties: texts,
  compute: text,
  environment_id: text,
  environment_variables: texts,
  log_verbosity: { kind: "string", values: ["not_set", "debug", "info", "warning", "error", "critical"] },
  primary_metric: { kind: "string", values: [...new Set(Object.values(primaryMetrics).flat())] },
  target_column_name: { ...text, required: true },
  training_data: { ...data, required: true },
  validation_data: data,
  validation_data_size: { kind: "number", range: [0, 1], exclusive: true },
  limits: {
    kind: "object",
    fields: {
      timeout_minutes: { kind: "number", integer: true, range: [1, 60 * 24 * 60] },
      max_trials: { kind: "number", integer: true, range: [1, 1000] },
      max_concurrent_trials: { kind: "number", integer: true, range: [1, 100] },
    },
  },
  sweep: {
    kind: "object",
    fields: {
      sampling_algorithm: { kind: "string", values: ["grid", "random", "bayesian"], required: true },
      early_termination: {
        kind: "object",
        fields: {
          type: { kind: "string", values: ["bandit", "median_stopping", "truncation_selection"], required: true },
          evaluation_interval: interval,
          delay_evaluation: interval,
          slack_factor: { kind: "number", range: [0, Number.MAX_VALUE] },
          slack_amount: { kind: "number", range: [0, Number.MAX_VALUE] },
          truncation_percentage: { kind: "number", integer: true, range: [1, 99] },
        },
      },
    },
  },
  training_parameters: { kind: "anything" },
  search_space: { kind: "anything" },
  resources: {
    kind: "object",
    fields: {
      instance_type: text,
      instance_count: { kind: "number", integer: true, range: [1, 1000] },
      shm_size: text,
      docker_args: text,
      properties: { kind: "map", of: { kind: "anything" } },
    },
  },
  queue_settings: {
    kind: "object",
    fields: { job_tier: { kind: "string", values: ["spot", "basic", "standard", "premium"] } },
  },
  identity: {
    kind: "object",
    fields: {
      type: { kind: "string", values: ["managed", "managed_identity", "user_identity", "aml_token"], required: true },
      client_id: text,
      object_id: text,
      resource_id: text,
    },
  },
  outputs: {
    kind: "map",
    of: {
      kind: "object",
      fields: { type: text, mode: { kind: "string", values: ["rw_mount", "upload", "direct"] }, path: text },
    },
  },
};
