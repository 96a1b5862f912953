import { readFileSync, statSync } from "node:fs";
import { UserError } from "../errors";
import { readSettings } from "./modelSettings";
import { imageTasks, primaryMetrics, type ImageTask } from "./parameters";
import { Problems, type Place } from "./problems";
import { find, readFields } from "./read";
import { isServerless, localPath, parseReference } from "./references";
import { checkRelations } from "./relations";
import { jobFields } from "./shape";
import type { DataReference, JobReference, JobSpec, ParsedJob } from "./spec";
import { parseYaml, type YamlMap, type YamlNode } from "./yamlSource";

/**
 * Reads and checks a job file.
 * @throws UserError with everything that is wrong: file, line and column, property, value, what is allowed.
 */
export function parseJobFile(file: string): ParsedJob {
  let content: Uint8Array;
  try {
    content = readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reasons: Record<string, string> = { ENOENT: "there is no such file", EISDIR: "it is a folder" };
    throw new UserError(
      `Job file "${file}" cannot be read: ${reasons[code ?? ""] ?? code ?? String(error)}. Give the path of an Azure ML job YAML, relative to the program.`,
    );
  }
  return parseJob(file, content);
}

/** As {@link parseJobFile}, for a content that is already there; `file` is what messages call it. */
export function parseJob(file: string, content: string | Uint8Array): ParsedJob {
  const problems = new Problems(file);
  const root = rootOf(problems, content);
  const given = readFields(problems, [], root, jobFields) as Partial<JobSpec>;
  const task = imageTasks.find((name) => name === given.task);
  const settings = readSettings(
    { problems, task, sampling: given.sweep?.sampling_algorithm },
    root.entries.get("training_parameters")?.value,
    root.entries.get("search_space")?.value,
  );
  const spec: Partial<JobSpec> = { ...given, ...settings };
  const at = (place: Place) => find(root, place).node.at;
  checkRelations({ problems, at, has: (place) => find(root, place).found }, spec);
  const references = readReferences(problems, file, root, spec);
  problems.finish();
  // Every property was read by its shape, and the required ones are there: finish() saw to it.
  return { file, spec: spec as JobSpec, references, warnings: problems.warnings };
}

function rootOf(problems: Problems, content: string | Uint8Array): YamlMap {
  const parsed: YamlNode | readonly { at: YamlNode["at"]; message: string }[] = parseYaml(content);
  if ("kind" in parsed && parsed.kind === "map") return parsed;
  if ("kind" in parsed) {
    const empty = parsed.kind === "scalar" && parsed.value === null;
    problems.error(
      parsed.at,
      [],
      `${empty ? "the file is empty" : `is a ${parsed.kind === "list" ? "list" : "text"}`}; a job is a map of properties, beginning with "type: automl"`,
    );
  } else for (const { at, message } of parsed) problems.error(at, [], message);
  problems.finish();
  throw new Error("unreachable: a file without a map has a problem");
}

const dataProperties = ["training_data", "validation_data"] as const;

/** Gathers what the job refers to, and makes a local folder relative to the program. */
function readReferences(problems: Problems, file: string, root: YamlMap, spec: Partial<JobSpec>): JobReference[] {
  const references: JobReference[] = [];
  const add = (kind: JobReference["kind"], property: JobReference["property"], text: string, place: Place) => {
    const reference = parseReference(kind, text);
    if (reference.form === "wrong")
      problems.error(find(root, place).node.at, place, `is "${text}"; ${reference.allowed}`);
    else references.push({ kind, property, text, reference });
  };
  if (spec.compute !== undefined && !isServerless(spec.compute)) add("compute", "compute", spec.compute, ["compute"]);
  if (spec.environment_id !== undefined) add("environment", "environment_id", spec.environment_id, ["environment_id"]);
  for (const property of dataProperties) {
    const data: Partial<DataReference> | undefined = spec[property];
    if (typeof data?.path !== "string") continue;
    const place = [property, "path"];
    const local = parseReference("data", data.path).form === "local";
    const path = local ? localPath(file, data.path) : data.path;
    if (local) checkTable(problems, root, place, path);
    spec[property] = { ...data, path };
    add("data", property, path, place);
  }
  return references;
}

function checkTable(problems: Problems, root: YamlMap, place: Place, folder: string): void {
  const kindOf = (path: string) => {
    const found = statSync(path, { throwIfNoEntry: false });
    return found?.isDirectory() ? "folder" : found?.isFile() ? "file" : undefined;
  };
  if (kindOf(folder) !== "folder") {
    problems.error(
      find(root, place).node.at,
      place,
      `is the local path "${folder}", which is ${kindOf(folder) ? "no folder" : "not there"}; give a folder with a file MLTable, relative to the job file, or azureml:NAME:VERSION`,
    );
  } else if (kindOf(`${folder}/MLTable`) !== "file") {
    problems.error(find(root, place).node.at, place, `is the folder "${folder}", which has no file MLTable`);
  }
}

export function defaultPrimaryMetric(task: ImageTask): string {
  return primaryMetrics[task][0] ?? "";
}
