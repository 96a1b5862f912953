import type { ImageTask } from "./parameters";
import type { Reference } from "./references";

/** A value of a training parameter. */
export type Scalar = string | number | boolean;

/** A value in a search space, where a whole number (bigint) and a float that is whole (1.0) are written differently. */
export type SearchScalar = string | boolean | number | bigint;

/** A distribution of a search space; its values in the order of its arguments: uniform has the lower, then the upper bound. */
export interface Distribution {
  type: string;
  values: readonly SearchScalar[];
}

export type SearchSpaceEntry = Readonly<Record<string, SearchScalar | Distribution>>;

/** An mltable input. */
export interface DataReference {
  /** As the file has it; a local folder relative to the program instead of relative to the file. */
  path: string;
  /** Datastore that a local folder is uploaded to. @default workspaceblobstore */
  datastore?: string;
}

export interface EarlyTermination {
  type: "bandit" | "median_stopping" | "truncation_selection";
  evaluation_interval?: number | null;
  delay_evaluation?: number | null;
  slack_factor?: number | null;
  slack_amount?: number | null;
  truncation_percentage?: number;
}

export interface JobResources {
  instance_type?: string;
  instance_count?: number;
  max_instance_count?: number;
  locations?: readonly string[];
  shm_size?: string;
  docker_args?: string | readonly string[];
  properties?: Record<string, unknown>;
}

export interface JobService {
  type: "ssh" | "tensor_board" | "vs_code" | "jupyter_lab";
  port?: number;
  nodes?: string;
  properties?: Record<string, unknown>;
  ssh_public_keys?: string;
  log_dir?: string;
}

export interface JobOutput {
  name?: string;
  version?: string;
  type?: string;
  mode?: string;
  path?: string;
}

/** An AutoML image job file, checked; names are those of the file. */
export interface JobSpec {
  task: ImageTask;
  name?: string;
  display_name?: string;
  description?: string;
  experiment_name?: string;
  tags?: Record<string, string | null>;
  properties?: Record<string, string | null>;
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
  resources?: JobResources;
  queue_settings?: { job_tier?: string; priority?: "low" | "medium" | "high" };
  identity?: { type: string; client_id?: string; object_id?: string; msi_resource_id?: string };
  notification_setting?: { email_on?: readonly string[]; emails?: readonly string[] };
  services?: Record<string, JobService>;
  outputs?: Record<string, JobOutput | null>;
}

/** A reference of a job, with the property that holds it. */
export interface JobReference {
  kind: ReferenceKind;
  property: "compute" | "environment_id" | "training_data" | "validation_data";
  /** What a Resolver is asked for. */
  text: string;
  reference: Reference;
}

/** What a reference of a job file points to. */
export type ReferenceKind = "compute" | "data" | "environment";

export interface ParsedJob {
  file: string;
  spec: JobSpec;
  /** What the job refers to. `azureml:NAME@latest` wants a version, a local folder wants an asset. */
  references: readonly JobReference[];
  /** What is legal and yet worth saying, with file, line and column. */
  warnings: readonly string[];
}
