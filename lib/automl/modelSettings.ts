import { distributions, integerDistributions, knownModels, parameters, type Parameter } from "./parameters";
import { didYouMean, type JobDocument, type Place } from "./problems";
import type { Distribution, JobSpec, Scalar } from "./spec";

/** Checks `training_parameters` and `search_space` against the table of parameters. */
export function checkModelSettings(document: JobDocument, spec: JobSpec): void {
  const legal = Object.keys(parameters).filter((name) => parameters[name]?.tasks?.includes(spec.task) ?? true);
  const fixed: unknown = spec.training_parameters;
  if (fixed !== undefined) {
    if (isMap(fixed)) checkEntry(document, ["training_parameters"], fixed, legal, spec, false);
    else document.problem(["training_parameters"], "is no map of parameters");
  }
  const space: unknown = spec.search_space;
  if (space === undefined) return;
  if (!Array.isArray(space) || space.length === 0) return document.problem(["search_space"], "is no list of maps");
  space.forEach((entry: unknown, index) => {
    if (isMap(entry)) checkEntry(document, ["search_space", index], entry, legal, spec, true);
    else document.problem(["search_space", index], "is no map of parameters");
  });
  if (space.length > 1 && spec.sweep?.sampling_algorithm === "bayesian") {
    document.problem(
      ["search_space"],
      "has several entries (a conditional space), which bayesian sampling does not support; use random or grid",
    );
  }
}

function checkEntry(
  document: JobDocument,
  place: Place,
  entry: Record<string, unknown>,
  legal: readonly string[],
  spec: JobSpec,
  sweeping: boolean,
): void {
  const models = modelsOf(entry.model_name ?? (sweeping ? spec.training_parameters?.model_name : undefined));
  for (const model of models) {
    if (!knownModels[spec.task].includes(model)) {
      document.warn(
        [...place, "model_name"],
        `"${model}" is not a built-in model of ${spec.task} (${knownModels[spec.task].join(", ")})`,
      );
    }
  }
  for (const [name, value] of Object.entries(entry)) {
    const at = [...place, name];
    const parameter = parameters[name];
    if (!parameter || !legal.includes(name)) {
      document.problem(at, `unknown parameter of ${spec.task}; ${didYouMean(name, legal)}`);
      continue;
    }
    checkFamily(document, at, parameter, models);
    if (isMap(value)) {
      if (!sweeping) document.problem(at, "is a distribution; distributions belong into search_space");
      else if (parameter.sweepable === false) document.problem(at, "cannot be swept; put it into training_parameters");
      else checkDistribution(document, at, value, parameter, spec);
    } else checkScalar(document, at, value, parameter);
  }
}

function checkFamily(
  document: JobDocument,
  place: Place,
  { models: family }: Parameter,
  models: readonly string[],
): void {
  if (!family || models.length === 0) return;
  const fits = (model: string) => (family === "yolov5" ? model === "yolov5" : model !== "yolov5");
  const odd = models.find((model) => !fits(model));
  if (odd) {
    document.problem(
      place,
      `works with ${family === "yolov5" ? "yolov5 only" : "R-CNN and RetinaNet models only, not yolov5"}; the model is ${odd}`,
    );
  }
}

function modelsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  const values: unknown = isMap(value) ? value.values : undefined;
  return Array.isArray(values) ? values.filter((item): item is string => typeof item === "string") : [];
}

function checkDistribution(
  document: JobDocument,
  place: Place,
  value: Record<string, unknown>,
  parameter: Parameter,
  spec: JobSpec,
): void {
  const type = String(value.type);
  const distribution = distributions[type];
  if (!distribution)
    return document.problem(
      [...place, "type"],
      `is ${JSON.stringify(value.type)}; ${didYouMean(type, Object.keys(distributions))}`,
    );
  const suits =
    parameter.kind === "float" ||
    (parameter.kind === "integer" ? integerDistributions.includes(type) : type === "choice");
  if (!suits) {
    const allowed = parameter.kind === "integer" ? integerDistributions.join(", ") : "choice";
    document.problem([...place, "type"], `is "${type}"; this parameter allows ${allowed}`);
  }
  if (distribution.continuous && spec.sweep?.sampling_algorithm === "grid") {
    document.problem([...place, "type"], `is "${type}", which is continuous; grid sampling wants choice`);
  }
  for (const key of Object.keys(value)) {
    if (key !== "type" && !distribution.arguments.includes(key))
      document.problem([...place, key], `unknown; ${didYouMean(key, distribution.arguments)}`);
  }
  for (const key of distribution.arguments) checkArgument(document, [...place, key], value[key], key, parameter);
  const { min_value: low, max_value: high } = value;
  if (typeof low === "number" && typeof high === "number" && low >= high)
    document.problem([...place, "max_value"], `is ${high}; it must be above min_value (${low})`);
}

function checkArgument(document: JobDocument, place: Place, value: unknown, key: string, parameter: Parameter): void {
  if (value === undefined) return document.problem(place, "is missing");
  if (key === "values") {
    if (!Array.isArray(value) || value.length === 0) return document.problem(place, "is no list with a value");
    value.forEach((item, index) => checkScalar(document, [...place, index], item, parameter));
  } else if (typeof value !== "number" || !Number.isFinite(value)) {
    document.problem(place, `is ${JSON.stringify(value)}; a number is wanted`);
  }
}

function checkScalar(document: JobDocument, place: Place, value: unknown, parameter: Parameter): void {
  const wrong = (expected: string) => document.problem(place, `is ${JSON.stringify(value)}; ${expected}`);
  const [low, high] = parameter.range ?? [-Infinity, Infinity];
  const bounds = high >= Number.MAX_SAFE_INTEGER ? `of ${low} or more` : `from ${low} to ${high}`;
  switch (parameter.kind) {
    case "boolean":
      // 0 and 1 are what v1 scripts wrote; the CLI takes them for booleans.
      if (typeof value !== "boolean" && value !== 0 && value !== 1) wrong("true or false is wanted");
      return;
    case "string":
      if (typeof value !== "string") wrong("a text is wanted");
      return;
    case "enum":
      if (typeof value !== "string" || !parameter.values?.includes(value))
        wrong(didYouMean(String(value), parameter.values ?? []));
      return;
    case "integer":
      if (typeof value !== "number" || !Number.isInteger(value) || value < low || value > high)
        wrong(`a whole number ${bounds} is wanted`);
      return;
    case "float":
      if (typeof value !== "number" || !Number.isFinite(value) || value < low || value > high)
        wrong(`a number ${bounds} is wanted`);
  }
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isDistribution(value: Scalar | Distribution): value is Distribution {
  return typeof value === "object";
}
