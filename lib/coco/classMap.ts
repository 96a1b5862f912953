import { hash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { combineProblems, UserError } from "../errors";

/** Which categories make which labels. */
export interface ClassMap {
  /** The file it was read from, for messages. */
  file: string;
  /** First 12 hex digits of the SHA-256 of its content. */
  hash: string;
  /** The label of each category or supercategory that is named; null leaves it out. */
  labels: ReadonlyMap<string, string | null>;
}

/**
 * Reads a class map: YAML with an entry `LABEL: [CATEGORY, ...]` for each label, or `CATEGORY: LABEL` for each category, or
 * both. `CATEGORY: null` leaves one out, as not naming it does.
 * @throws UserError when it is no such file, names nothing, or names a category twice
 */
export async function readClassMap(file: string): Promise<ClassMap> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new UserError(`The class map "${file}" cannot be read: ${error.code}. Give the path of a YAML file.`);
  });
  const { parseDocument } = await import("yaml");
  const document = parseDocument(text, { prettyErrors: true });
  const [error] = document.errors;
  if (error) throw new UserError(`The class map "${file}" is no YAML: ${error.message}`);
  return { file, hash: hash("sha256", text).slice(0, 12), labels: labelsOf(document.toJS(), file) };
}

function labelsOf(content: unknown, file: string): ClassMap["labels"] {
  const problems: string[] = [];
  const labels = new Map<string, string | null>();
  const give = (category: string, label: string | null) => {
    if (labels.has(category)) problems.push(`"${category}" is named twice; keep one`);
    labels.set(category, label);
  };
  const isMap = typeof content === "object" && content !== null && !Array.isArray(content);
  for (const [key, value] of Object.entries<unknown>(isMap ? { ...content } : {})) {
    if (value === null || isName(value)) give(key, value);
    else if (!Array.isArray(value) || value.length === 0 || !value.every(isName)) {
      problems.push(
        `${key}: ${JSON.stringify(value)} is neither a label nor a list of category names, in quotes if digits`,
      );
    } else for (const category of value) give(category, key);
  }
  if (problems.length === 0 && ![...labels.values()].some((label) => label !== null)) {
    problems.push("it gives no category a label; write LABEL: [CATEGORY, ...] or CATEGORY: LABEL");
  }
  if (problems.length > 0) throw combineProblems(`The class map "${file}" is wrong:`, problems);
  return labels;
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
