import { isDeepStrictEqual } from "node:util";

/** The part of a JSON Schema that zod writes. */
type Node = Record<string, unknown>;

/** A difference between two versions of a schema. */
export interface SchemaChange {
  /** Where, for example `endpoint.traffic`. */
  path: string;
  what: string;
  /** Whether some document of the one version is none of the other. */
  breaking: boolean;
}

/** What people read, and what no document depends on. */
const annotations = new Set(["$schema", "title", "version", "description", "examples", "$comment"]);

/**
 * Compares two JSON Schemas of the document. Within a major version every reader takes every document: an older reader the
 * documents of a newer platform, and a newer reader those of an older one. So a change of a field breaks whichever way it
 * goes, wider or narrower, and a new field has to be optional.
 */
export function compareSchemas(released: Node, current: Node, path = ""): SchemaChange[] {
  const [before, after] = [fieldsOf(released), fieldsOf(current)];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return [
    ...compareKeywords(released, current, path),
    ...names.flatMap((name) => compareField(before[name], after[name], join(path, name))),
    ...compareParts(released, current, path),
  ];
}

interface Field {
  schema: Node;
  required: boolean;
}

function fieldsOf(schema: Node): Record<string, Field> {
  const required = new Set((schema.required as string[] | undefined) ?? []);
  const entries = Object.entries((schema.properties as Record<string, Node> | undefined) ?? {});
  return Object.fromEntries(entries.map(([name, field]) => [name, { schema: field, required: required.has(name) }]));
}

function compareField(before: Field | undefined, after: Field | undefined, path: string): SchemaChange[] {
  if (!after) return [{ path, what: "was removed, or has another name now", breaking: true }];
  if (!before) {
    return after.required
      ? [{ path, what: "is new and required, which documents of the released version do not have", breaking: true }]
      : [{ path, what: "is new", breaking: false }];
  }
  const changes = compareSchemas(before.schema, after.schema, path);
  if (before.required === after.required) return changes;
  const what = after.required ? "was optional and is required now" : "was required and is optional now";
  return [{ path, what, breaking: true }, ...changes];
}

/** What is not a field: types, allowed values, limits, formats. */
function compareKeywords(before: Node, after: Node, path: string): SchemaChange[] {
  const structural = new Set([...annotations, "properties", "required", "anyOf", "items", "additionalProperties"]);
  // Of a union the branches tell the types.
  if (before.anyOf ?? after.anyOf) structural.add("type");
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => !structural.has(key));
  return keys
    .filter((key) => !isDeepStrictEqual(sorted(before[key]), sorted(after[key])))
    .map((key) => ({
      path,
      what: `${key} was ${written(before[key])} and is ${written(after[key])} now`,
      breaking: true,
    }));
}

/** Elements of lists, values of maps, and the branches of a union such as "text or null". */
function compareParts(before: Node, after: Node, path: string): SchemaChange[] {
  const nested = (["items", "additionalProperties"] as const).flatMap((key) => {
    const [old, next] = [before[key], after[key]];
    if (isNode(old) && isNode(next)) return compareSchemas(old, next, `${path}${key === "items" ? "[]" : ".*"}`);
    return isDeepStrictEqual(old, next) ? [] : [{ path, what: `${key} changed`, breaking: true }];
  });
  const [branches, others] = [branchesOf(before), branchesOf(after)];
  if (branches.length === 0 && others.length === 0) return nested;
  if (branches.map(typeOf).join() !== others.map(typeOf).join()) {
    const what = `was ${alternatives(before)} and is ${alternatives(after)} now`;
    return [...nested, { path, what, breaking: true }];
  }
  return [...nested, ...branches.flatMap((branch, index) => compareSchemas(branch, others[index] ?? {}, path))];
}

function branchesOf(schema: Node): Node[] {
  return [...((schema.anyOf as Node[] | undefined) ?? [])].sort((a, b) => typeOf(a).localeCompare(typeOf(b)));
}

function alternatives(schema: Node): string {
  const branches = branchesOf(schema);
  return branches.length > 0 ? branches.map(typeOf).join(" or ") : typeOf(schema);
}

function typeOf(schema: Node): string {
  return typeof schema.type === "string" ? schema.type : "anything";
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null;
}

/** The order of allowed values says nothing. */
function sorted(value: unknown): unknown {
  return Array.isArray(value) ? [...(value as unknown[])].map((entry) => JSON.stringify(entry)).sort() : value;
}

function written(value: unknown): string {
  return value === undefined ? "not given" : JSON.stringify(value);
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

/**
 * What the version number has to be, given what has changed since a release.
 * @param changes of the released schema to the current one
 * @returns the mistakes; none when the number says what has changed
 */
export function versionProblems(released: string, current: string, changes: readonly SchemaChange[]): string[] {
  const [oldMajor = 0, oldMinor = 0] = released.split(".").map(Number);
  const [major = 0, minor = 0] = current.split(".").map(Number);
  if (major > oldMajor) return [];
  if (major < oldMajor || minor < oldMinor)
    return [`schemaVersion is ${current}, and ${released} is released; a version never goes back`];
  const breaking = changes.filter((change) => change.breaking);
  if (breaking.length > 0)
    return breaking.map(
      ({ path, what }) =>
        `${path}: ${what}. Keep what ${released} has and add an optional field beside it, or raise schemaVersion to ${oldMajor + 1}.0`,
    );
  if (changes.length > 0 && minor === oldMinor)
    return changes.map(({ path, what }) => `${path}: ${what}. Raise schemaVersion to ${oldMajor}.${oldMinor + 1}`);
  return [];
}
