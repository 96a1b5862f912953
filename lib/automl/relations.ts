import { primaryMetrics } from "./parameters";
import type { Place, Position, Problems } from "./problems";
import type { JobSpec } from "./spec";

interface Relations {
  problems: Problems;
  at: (place: Place) => Position;
  /** Whether the file has the property, legal or not. */
  has: (place: Place) => boolean;
}

/** Rules between properties. A property that could not be read is absent here, and takes part in no rule. */
export function checkRelations({ problems, at, has }: Relations, spec: Partial<JobSpec>): void {
  const error = (place: Place, message: string) => problems.error(at(place), place, message);
  const warn = (place: Place, message: string) => problems.warn(at(place), place, message);

  const { max_trials: given, max_concurrent_trials: concurrent = 1 } = spec.limits ?? {};
  const trials = given ?? (has(["limits", "max_trials"]) ? Infinity : 1);
  if (concurrent > trials) {
    const origin = given === undefined ? ", its default" : "";
    error(
      ["limits", "max_concurrent_trials"],
      `is ${concurrent}; at most max_trials (${trials}${origin}) can run at once`,
    );
  }
  if (spec.validation_data && spec.validation_data_size !== undefined) {
    warn(["validation_data_size"], "has no effect beside validation_data; keep one of the two");
  }
  const metrics = spec.task && primaryMetrics[spec.task];
  if (metrics && spec.primary_metric !== undefined && !metrics.includes(spec.primary_metric)) {
    error(["primary_metric"], `is "${spec.primary_metric}"; ${spec.task} allows ${metrics.join(", ")}`);
  }
  if (!has(["compute"]) && !spec.resources?.instance_type) {
    warn(
      ["compute"],
      'is missing: the job runs serverless on a size that the service picks; name a cluster ("azureml:gpu-cluster") or resources.instance_type',
    );
  }
  for (const [name, output] of Object.entries(spec.outputs ?? {})) {
    if (output?.version !== undefined && output.name === undefined) {
      error(["outputs", name, "version"], "needs a name beside it");
    }
  }
  const policy = spec.sweep?.early_termination;
  if (policy?.type === "bandit" && !policy.slack_factor && !policy.slack_amount) {
    error(["sweep", "early_termination"], "bandit needs slack_factor or slack_amount above 0");
  }
  if (policy && spec.sweep?.sampling_algorithm === "bayesian") {
    warn(["sweep", "early_termination"], "bayesian sampling is documented without an early termination policy");
  }
  if (has(["search_space"]) && !has(["sweep"])) error(["search_space"], "needs sweep with a sampling_algorithm");
}
