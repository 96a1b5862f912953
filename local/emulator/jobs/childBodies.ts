import type { JobBody } from "./check";
import { durationSeconds } from "./duration";
import type { Sample } from "./sampler";

/** Of the service: P7D. */
export const defaultTimeout = "P7D";
const metric = { name: "mean_average_precision", goal: "maximize" };
/** The environment in which AutoML trains images, and what it runs there. */
const environmentId = "azureml://registries/azureml/environments/AzureML-AutoML-GPU/labels/latest";
const command = "python hd_image_object_detection.py";

/** What HyperDrive writes to the tags of its run. */
export function sweepTags({ taskDetails }: JobBody): Record<string, string> {
  const { limitSettings = {}, sweepSettings, searchSpace = [] } = taskDetails;
  const { maxTrials = 1, maxConcurrentTrials = 1, timeout = defaultTimeout } = limitSettings;
  const { policyType, ...policy } = sweepSettings?.earlyTermination ?? {};
  return {
    _aml_system_max_total_jobs: String(maxTrials),
    _aml_system_max_concurrent_jobs: String(maxConcurrentTrials),
    _aml_system_max_duration_minutes: String(durationSeconds(timeout) / 60),
    _aml_system_primary_metric_config: JSON.stringify(metric),
    _aml_system_policy_config: JSON.stringify({
      name: typeof policyType === "string" ? policyType : "Default",
      properties: policy,
    }),
    _aml_system_generator_config: JSON.stringify({
      name: (sweepSettings?.samplingAlgorithm ?? "Random").toUpperCase(),
      parameter_space: searchSpace,
    }),
    _aml_system_all_jobs_generated: "false",
    _aml_system_cancellation_requested: "false",
  };
}

/** The job of the HyperDrive run, as Resource Manager answers it. */
export function sweepBody({ computeId, taskDetails }: JobBody): Record<string, unknown> {
  const { limitSettings = {}, sweepSettings, searchSpace = [] } = taskDetails;
  const { maxTrials = 1, maxConcurrentTrials = 1, timeout = defaultTimeout } = limitSettings;
  return {
    jobType: "Sweep",
    computeId,
    objective: { goal: "Maximize", primaryMetric: metric.name },
    samplingAlgorithm: { samplingAlgorithmType: sweepSettings?.samplingAlgorithm ?? "Random" },
    searchSpace: searchSpace[0] ?? {},
    earlyTermination: sweepSettings?.earlyTermination ?? null,
    limits: { jobLimitsType: "Sweep", maxTotalTrials: maxTrials, maxConcurrentTrials, timeout },
    trial: { command, environmentId },
    properties: { runTemplate: "HyperDrive", "azureml.runsource": "hyperdrive", platform: "AML" },
  };
}

/** The job of one trial. */
export function trialBody({ computeId }: JobBody, sample: Sample): Record<string, unknown> {
  return {
    jobType: "Command",
    computeId,
    command,
    environmentId,
    parameters: sample,
    properties: { "_azureml.ComputeTargetType": "amlctrain" },
  };
}
