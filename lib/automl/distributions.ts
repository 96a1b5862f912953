import type { ParameterKind } from "./parameters";

export interface DistributionRule {
  /** Its arguments, in the order in which the service wants them. */
  arguments: readonly string[];
  /** Whether a grid can list its values. */
  continuous: boolean;
  /** Kinds of parameters that it may vary. */
  kinds: readonly ParameterKind[];
  /** Whether its bounds are values of the parameter, and not their logarithms. */
  bounded?: boolean;
}

const float: readonly ParameterKind[] = ["float"];
const numbers: readonly ParameterKind[] = ["float", "integer"];

/** The distributions of a search space: azure-ai-ml's image_model_distribution_settings.py. */
export const distributions: Readonly<Record<string, DistributionRule>> = {
  choice: { arguments: ["values"], continuous: false, kinds: ["float", "integer", "boolean", "string", "enum"] },
  uniform: { arguments: ["min_value", "max_value"], continuous: true, kinds: float, bounded: true },
  loguniform: { arguments: ["min_value", "max_value"], continuous: true, kinds: float },
  quniform: { arguments: ["min_value", "max_value", "q"], continuous: true, kinds: numbers, bounded: true },
  qloguniform: { arguments: ["min_value", "max_value", "q"], continuous: true, kinds: numbers },
  normal: { arguments: ["mu", "sigma"], continuous: true, kinds: float },
  lognormal: { arguments: ["mu", "sigma"], continuous: true, kinds: float },
  qnormal: { arguments: ["mu", "sigma", "q"], continuous: true, kinds: numbers },
  qlognormal: { arguments: ["mu", "sigma", "q"], continuous: true, kinds: numbers },
  randint: { arguments: ["upper"], continuous: false, kinds: numbers },
};

/** Distributions that Bayesian sampling is documented for. */
export const bayesianDistributions: readonly string[] = ["choice", "uniform", "quniform"];

export function distributionsFor(kind: ParameterKind): string[] {
  return Object.keys(distributions).filter((name) => distributions[name]?.kinds.includes(kind));
}
