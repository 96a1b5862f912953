import type { ImageTask } from "./parameters";

/** A value of a training parameter. */
export type Scalar = string | number | boolean;

/** A distribution of a search space, for example {type: "uniform", min_value: 0.0001, max_value: 0.01}. */
export interface Distribution {
  type: string;
  values?: readonly Scalar[];
  [argument: string]: unknown;
}

export type SearchSpaceEntry = Readonly<Record<string, Scalar | Distribution>>;

/** An mltable input: a data asset (`azureml:NAME:VERSION`, `azureml:NAME@latest`), an ARM id or an azureml:// path. */
export interface DataReference {
  path: string;
}

export interface EarlyTermination {
  type: "bandit" | "median_stopping" | "truncation_selection";
  evaluation_interval?: number;
  delay_evaluation?: number;
  slack_factor?: number;
  slack_amount?: number;
  truncation_percentage?: number;
}

/** An AutoML image job file, checked; names are those of the file. */
export interface JobSpec {
  task: ImageTask;
  name?: string;
  display_name?: string;
  description?: string;
  experiment_name?: string;
  tags?: Record<string, string>;
  properties?: Record<string, string>;
  compute?: string;
  environment_id?: string;
  environment_variables?: Record<string, string>;
  log_verbosity?: string;
  primary_metric?: string;
  target_column_name: string;
  training_data: DataReference;
  validation_data?: DataReference;
  validation_data_size?: number;
  limits?: { timeout_minutes?: number; max_trials?: number; max_concurrent_trials?: number };
  sweep?: { sampling_algorithm: "grid" | "random" | "bayesian"; early_termination?: EarlyTermination };
  training_parameters?: Record<string, Scalar>;
  search_space?: readonly SearchSpaceEntry[];
  resources?: {
    instance_type?: string;
    instance_count?: number;
    shm_size?: string;
    docker_args?: string;
    properties?: Record<string, unknown>;
  };
  queue_settings?: { job_tier?: string };
  identity?: { type: string; client_id?: string; object_id?: string; resource_id?: string };
  outputs?: Record<string, { type?: string; mode?: string; path?: string }>;
}

export interface ParsedJob {
  file: string;
  spec: JobSpec;
  /** What is legal and yet worth saying, with file and line. */
  warnings: readonly string[];
}
