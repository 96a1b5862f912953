import { bayesianDistributions, distributions, distributionsFor, type DistributionRule } from "./distributions";
import { knownModels, parameters, type ImageTask, type Parameter } from "./parameters";
import { didYouMean } from "../nearestName";
import { quote, type Place, type Problems } from "./problems";
import { bounds, booleanOf, inside, integerOf, numberOf, read, show, unreadable } from "./read";
import type { Distribution, JobSpec, Scalar, SearchScalar, SearchSpaceEntry } from "./spec";
import type { YamlMap, YamlNode } from "./yamlSource";

type Section = "training_parameters" | "search_space";
type Sampling = NonNullable<JobSpec["sweep"]>["sampling_algorithm"];

/** What the parameters of a job are checked against. */
export interface SettingsContext {
  problems: Problems;
  /** Undefined when the file has none that is legal: then the parameters of all tasks are. */
  task: ImageTask | undefined;
  sampling: Sampling | undefined;
}

export interface Settings {
  training_parameters?: Record<string, Scalar>;
  search_space?: readonly SearchSpaceEntry[];
}

/** Reads `training_parameters` and `search_space` by the table of parameters. */
export function readSettings(
  context: SettingsContext,
  fixed: YamlNode | undefined,
  space: YamlNode | undefined,
): Settings {
  const { problems } = context;
  const settings: Settings = {};
  const entries = space?.kind === "list" ? space.items : [];
  const ownModels = modelsOf(fixed);
  if (fixed) {
    if (fixed.kind === "map") {
      // A fixed parameter serves every trial: without a fixed model, the models of the search space decide.
      const models = ownModels.length > 0 ? ownModels : entries.flatMap(modelsOf);
      settings.training_parameters = readEntry(context, ["training_parameters"], fixed, models) as Record<
        string,
        Scalar
      >;
      warnOfModels(context, ["training_parameters"], fixed);
    } else problems.error(fixed.at, ["training_parameters"], `is ${show(fixed)}; a map of parameters is wanted`);
  }
  if (!space) return settings;
  if (space.kind !== "list" || entries.length === 0) {
    problems.error(space.at, ["search_space"], `is ${show(space)}; a list of maps of parameters is wanted`);
    return settings;
  }
  settings.search_space = entries.flatMap((entry, index) => {
    const place = ["search_space", index];
    if (entry.kind !== "map") {
      problems.error(entry.at, place, `is ${show(entry)}; a map of parameters is wanted`);
      return [];
    }
    const models = modelsOf(entry);
    warnOfModels(context, place, entry);
    return [readEntry(context, place, entry, models.length > 0 ? models : ownModels)];
  });
  if (entries.length > 1 && context.sampling === "bayesian") {
    problems.error(
      space.at,
      ["search_space"],
      `has ${entries.length} entries (a conditional space), which bayesian sampling does not support; use random or grid`,
    );
  }
  return settings;
}

function readEntry(
  context: SettingsContext,
  place: Place,
  entry: YamlMap,
  models: readonly string[],
): Record<string, SearchScalar | Distribution> {
  const { problems, task } = context;
  const section: Section = place[0] === "search_space" ? "search_space" : "training_parameters";
  const legal = Object.keys(parameters).filter((name) => {
    const { tasks, only } = parameters[name] ?? {};
    return (!task || (tasks?.includes(task) ?? true)) && (only ?? section) === section;
  });
  const result: Record<string, SearchScalar | Distribution> = {};
  for (const [name, { key: at, value }] of entry.entries) {
    const here = [...place, name];
    const parameter = legal.includes(name) ? parameters[name] : undefined;
    if (!parameter) {
      problems.error(at, here, unknownParameter(context, name, section, legal));
      continue;
    }
    if (task && parameter.ignoredBy === task) problems.warn(at, here, `has no effect: ${task} ignores it`);
    checkFamily(context, here, at, parameter, models);
    const found =
      section === "search_space"
        ? value.kind === "map"
          ? readDistribution(context, here, value, parameter)
          : readScalar(problems, here, value, parameter, true)
        : readFixed(problems, here, value, parameter);
    if (found !== undefined) result[name] = found;
  }
  return result;
}

function unknownParameter({ task }: SettingsContext, name: string, section: Section, legal: readonly string[]): string {
  const known = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  if (known?.only && known.only !== section) return `cannot stand in ${section}; it belongs into ${known.only}`;
  if (known && task) return `is no parameter of ${task}; it belongs to ${(known.tasks ?? []).join(", ")}`;
  return `unknown parameter${task ? ` of ${task}` : ""}; ${didYouMean(name, legal)}`;
}

/** Two parameters exclude each other's models; an unknown model may have both. */
function checkFamily(
  { problems }: SettingsContext,
  place: Place,
  at: YamlNode["at"],
  { models: family }: Parameter,
  models: readonly string[],
): void {
  if (!family) return;
  const odd = models.filter((model) => builtIn.has(model) && (model === "yolov5") !== (family === "yolov5"));
  if (odd.length === 0) return;
  const works = `works with ${family === "yolov5" ? "yolov5 only" : "R-CNN and RetinaNet models only, not yolov5"}`;
  if (odd.length === models.length) problems.error(at, place, `${works}; the model is ${odd.join(", ")}`);
  else problems.warn(at, place, `${works}; ${odd.join(", ")} ignores it`);
}

const builtIn = new Set(Object.values(knownModels).flat());

/** The models that an entry names, one or a choice. */
function modelsOf(entry: YamlNode | undefined): string[] {
  const named = entry?.kind === "map" ? entry.entries.get("model_name")?.value : undefined;
  const values = named?.kind === "map" ? named.entries.get("values")?.value : named;
  const items = values?.kind === "list" ? values.items : values ? [values] : [];
  return items.flatMap((item) => (item.kind === "scalar" && typeof item.value === "string" ? [item.value] : []));
}

function warnOfModels({ problems, task }: SettingsContext, place: Place, entry: YamlMap): void {
  if (!task) return;
  const at = entry.entries.get("model_name")?.value.at ?? entry.at;
  for (const model of modelsOf(entry)) {
    if (knownModels[task].includes(model)) continue;
    problems.warn(
      at,
      [...place, "model_name"],
      `${quote(model)} is not a built-in model of ${task} (${knownModels[task].join(", ")}); any Hugging Face or MMDetection model is legal`,
    );
  }
}

function readDistribution(
  { problems, sampling }: SettingsContext,
  place: Place,
  node: YamlMap,
  parameter: Parameter,
): Distribution | undefined {
  const allowed = distributionsFor(parameter.kind);
  const given = node.entries.get("type");
  if (!given) {
    problems.error(node.at, [...place, "type"], `is missing; allowed are ${allowed.join(", ")}`);
    return undefined;
  }
  const type = read(problems, [...place, "type"], given.value, {
    kind: "enum",
    values: Object.keys(distributions),
    fold: "lower",
  });
  const rule = typeof type === "string" ? distributions[type] : undefined;
  if (typeof type !== "string" || !rule) return undefined;
  const said = (message: string) => problems.error(given.value.at, [...place, "type"], message);
  if (!allowed.includes(type)) {
    said(`is "${type}"; ${article(parameter.kind)} parameter allows ${allowed.join(", ")}`);
    return undefined;
  }
  if (rule.continuous && sampling === "grid") said(`is "${type}", which is continuous; grid sampling wants choice`);
  if (sampling === "bayesian" && !bayesianDistributions.includes(type)) {
    problems.warn(
      given.value.at,
      [...place, "type"],
      `is "${type}"; bayesian sampling is documented for ${bayesianDistributions.join(", ")} only`,
    );
  }
  for (const [key, { key: at }] of node.entries) {
    if (key !== "type" && !rule.arguments.includes(key))
      problems.error(at, [...place, key], `unknown property of ${type}; ${didYouMean(key, rule.arguments)}`);
  }
  const values =
    type === "choice"
      ? readChoice(problems, place, node, parameter)
      : readArguments(problems, place, node, type, rule, parameter);
  return values && { type, values };
}

function article(kind: Parameter["kind"]): string {
  return kind === "integer" ? "an integer" : kind === "enum" ? "this" : `a ${kind}`;
}

/** azure-ai-ml keeps the whole numbers of a choice only where all are whole: [1, 2] is 1,2 and [1, 2.0] is 1.0,2.0. */
function readChoice(
  problems: Problems,
  place: Place,
  node: YamlMap,
  parameter: Parameter,
): readonly SearchScalar[] | undefined {
  const here = [...place, "values"];
  const list = node.entries.get("values")?.value;
  if (list?.kind !== "list" || list.items.length === 0) {
    problems.error(list?.at ?? node.at, here, `is ${list ? show(list) : "missing"}; a list with a value is wanted`);
    return undefined;
  }
  const { items } = list;
  const whole = items.every((item) => integerOf(item, true) !== undefined);
  const values = items.map((item, index) => {
    const value = readScalar(problems, [...here, index], item, parameter, true);
    return whole && typeof value === "number" ? BigInt(value) : value;
  });
  return values.every((value) => value !== undefined) ? values : undefined;
}

function readArguments(
  problems: Problems,
  place: Place,
  node: YamlMap,
  type: string,
  rule: DistributionRule,
  parameter: Parameter,
): readonly SearchScalar[] | undefined {
  const values = rule.arguments.map((name) => {
    const value = node.entries.get(name)?.value;
    if (!value) {
      problems.error(node.at, [...place, name], `is missing; ${type} has ${rule.arguments.join(", ")}`);
      return undefined;
    }
    return readArgument(problems, [...place, name], value, type, rule, parameter);
  });
  const [low, high] = values;
  if (rule.arguments[1] === "max_value" && low !== undefined && high !== undefined && low >= high) {
    const at = node.entries.get("max_value")?.value.at ?? node.at;
    problems.error(at, [...place, "max_value"], `is ${high}; it must be above min_value (${low})`);
  }
  return values.every((value) => value !== undefined) ? values : undefined;
}

function readArgument(
  problems: Problems,
  place: Place,
  node: YamlNode,
  type: string,
  rule: DistributionRule,
  parameter: Parameter,
): number | bigint | undefined {
  const name = place[place.length - 1];
  const integer = type === "randint" || parameter.kind === "integer";
  const value = integer ? integerOf(node, type !== "randint") : (integerOf(node, true) ?? numberOf(node));
  const kind = integer ? "a whole number" : "a number";
  const lowest = name === "sigma" || name === "q" ? Number.MIN_VALUE : name === "upper" ? 1 : -Infinity;
  if (value === undefined || value < lowest) {
    const wanted = lowest === -Infinity ? kind : lowest === 1 ? `${kind} of 1 or more` : `${kind} above 0`;
    problems.error(node.at, place, `is ${show(node)}; ${wanted} is wanted`);
    return undefined;
  }
  const isBound = name === "min_value" || name === "max_value";
  if (rule.bounded && isBound && parameter.range && !inside(Number(value), parameter.range, false)) {
    problems.error(node.at, place, `is ${show(node)}; ${bounds(parameter.range, kind)} is wanted`);
    return undefined;
  }
  return value;
}

function readFixed(problems: Problems, place: Place, node: YamlNode, parameter: Parameter): Scalar | undefined {
  if (node.kind === "map" && node.entries.has("type")) {
    problems.error(node.at, place, "is a distribution; distributions belong into search_space");
    return undefined;
  }
  const value = readScalar(problems, place, node, parameter, false);
  return typeof value === "bigint" ? Number(value) : value;
}

/** A value of a parameter. In a search space azure-ai-ml takes a whole number only as a whole number: not 5.0, not "5". */
function readScalar(
  problems: Problems,
  place: Place,
  node: YamlNode,
  parameter: Parameter,
  sweeping: boolean,
): SearchScalar | undefined {
  const range = parameter.range ?? ([-Infinity, Infinity] as const);
  const value = ((): unknown => {
    switch (parameter.kind) {
      case "enum":
        return read(problems, place, node, { kind: "enum", values: parameter.values ?? [], fold: "snake" });
      case "string":
        return read(problems, place, node, { kind: "text" });
      case "boolean":
        return booleanOf(node) ?? read(problems, place, node, { kind: "boolean" });
      case "integer": {
        const found = read(problems, place, node, { kind: "integer", range, strict: sweeping });
        return typeof found === "number" && sweeping ? BigInt(found) : found;
      }
      case "float":
        return read(problems, place, node, { kind: "number", range });
    }
  })();
  return value === unreadable || value === null ? undefined : (value as SearchScalar);
}
