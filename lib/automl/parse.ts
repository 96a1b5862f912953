import { readFileSync } from "node:fs";
import { UserError } from "../errors";
import { checkModelSettings } from "./modelSettings";
import { primaryMetrics, type ImageTask } from "./parameters";
import { didYouMean, JobDocument, type Place } from "./problems";
import { jobShape, type Field, type Shape } from "./shape";
import type { JobSpec, ParsedJob } from "./spec";

/**
 * Reads and checks a job file.
 * @throws UserError with everything that is wrong: file, line, property, value, what is allowed.
 */
export function parseJobFile(file: string): ParsedJob {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(
      `Job file "${file}" cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}. Give the path of an Azure ML job YAML, relative to the program.`,
    );
  }
  return parseJob(file, text);
}

/** As {@link parseJobFile}, for a text that is already there; `file` is what messages call it. */
export function parseJob(file: string, text: string): ParsedJob {
  const document = new JobDocument(file, text);
  document.finish();
  if (typeof document.content !== "object" || document.content === null || Array.isArray(document.content)) {
    throw new UserError(`${file}:1: a job is a map of properties, beginning with "type: automl".`);
  }
  checkObject(document, [], document.content as Record<string, unknown>, jobShape);
  document.finish();
  const spec = document.content as unknown as JobSpec;
  checkRelations(document, spec);
  checkModelSettings(document, spec);
  document.finish();
  return { file, spec, warnings: document.warnings };
}

function checkObject(
  document: JobDocument,
  place: Place,
  value: Record<string, unknown>,
  fields: Readonly<Record<string, Field>>,
): void {
  for (const key of Object.keys(value)) {
    const field = fields[key];
    if (!field) document.problem([...place, key], `unknown property; ${didYouMean(key, Object.keys(fields))}`);
    else checkValue(document, [...place, key], value[key], field);
  }
  for (const [key, field] of Object.entries(fields)) {
    if (field.required && !(key in value)) document.problem([...place, key], "is missing");
  }
}

function checkValue(document: JobDocument, place: Place, value: unknown, shape: Shape): void {
  const wrong = (expected: string) => document.problem(place, `is ${JSON.stringify(value)}; ${expected}`);
  switch (shape.kind) {
    case "anything":
      return;
    case "string":
      if (typeof value !== "string") wrong("a text is wanted");
      else if (shape.values && !shape.values.includes(value)) wrong(didYouMean(value, shape.values));
      return;
    case "number":
      checkNumber(value, shape, wrong);
      return;
    case "boolean":
      if (typeof value !== "boolean") wrong("true or false is wanted");
      return;
    case "strings":
      if (!Array.isArray(value) || value.some((item) => typeof item !== "string")) wrong("a list of texts is wanted");
      return;
    case "map":
    case "object":
      if (typeof value !== "object" || value === null || Array.isArray(value)) return wrong("a map is wanted");
      if (shape.kind === "object") return checkObject(document, place, value as Record<string, unknown>, shape.fields);
      for (const [key, item] of Object.entries(value)) checkValue(document, [...place, key], item, shape.of);
  }
}

function checkNumber(
  value: unknown,
  shape: Extract<Shape, { kind: "number" }>,
  wrong: (expected: string) => void,
): void {
  const [low, high] = shape.range ?? [-Infinity, Infinity];
  const bounds =
    high >= Number.MAX_SAFE_INTEGER
      ? `${low} or more`
      : `${shape.exclusive ? "between" : "from"} ${low} ${shape.exclusive ? "and" : "to"} ${high}`;
  const kind = shape.integer ? "a whole number" : "a number";
  if (typeof value !== "number" || !Number.isFinite(value) || (shape.integer && !Number.isInteger(value)))
    return wrong(`${kind} ${bounds} is wanted`);
  if (value < low || value > high || (shape.exclusive && (value === low || value === high)))
    wrong(`${kind} ${bounds} is wanted`);
}

/** Rules between properties. */
function checkRelations(document: JobDocument, spec: JobSpec): void {
  const { max_trials: trials = 1, max_concurrent_trials: concurrent = 1 } = spec.limits ?? {};
  if (concurrent > trials) {
    document.problem(
      ["limits", "max_concurrent_trials"],
      `is ${concurrent}; at most max_trials (${trials}) can run at once`,
    );
  }
  if (spec.validation_data && spec.validation_data_size !== undefined) {
    document.problem(["validation_data_size"], "stands beside validation_data; keep one of the two");
  }
  const metrics = primaryMetrics[spec.task];
  if (spec.primary_metric && !metrics.includes(spec.primary_metric)) {
    document.problem(["primary_metric"], `is "${spec.primary_metric}"; ${spec.task} allows ${metrics.join(", ")}`);
  }
  if (!spec.compute && !spec.resources?.instance_type) {
    document.problem(
      ["compute"],
      'is missing; name a cluster ("azureml:gpu-cluster"), or give resources.instance_type to run serverless',
    );
  }
  const policy = spec.sweep?.early_termination;
  if (policy?.type === "bandit" && !policy.slack_factor && !policy.slack_amount) {
    document.problem(["sweep", "early_termination"], "bandit needs slack_factor or slack_amount above 0");
  }
  if (policy?.type === "truncation_selection" && policy.truncation_percentage === undefined) {
    document.problem(["sweep", "early_termination"], "truncation_selection needs truncation_percentage from 1 to 99");
  }
  if (spec.search_space && !spec.sweep) document.problem(["search_space"], "needs sweep with a sampling_algorithm");
}

export function defaultPrimaryMetric(task: ImageTask): string {
  return primaryMetrics[task][0] ?? "";
}
