import { didYouMean } from "../nearestName";
import { quote, type Place, type Problems } from "./problems";
import type { Field, Fields, Fold, Range, Shape } from "./shape";
import { Timestamp, type YamlMap, type YamlNode } from "./yamlSource";

/** The value of a node that does not fit. What is wrong with it has been said. */
export const unreadable = Symbol("unreadable");

/** Turns a node into the value of its shape, as azure-ai-ml's own schema does; says what does not fit. */
export function read(problems: Problems, place: Place, node: YamlNode, shape: Field): unknown {
  const wrong: Wrong = (expected) => {
    problems.error(node.at, place, `is ${show(node)}; ${expected}`);
    return unreadable;
  };
  if (shape.refused !== undefined) {
    problems.error(node.at, place, shape.refused);
    return unreadable;
  }
  if (node.kind === "scalar" && node.value === null) {
    if (shape.nullable || (shape.kind === "anything" && shape.unused === undefined)) return null;
    return wrong("a value is wanted, or leave the property out");
  }
  switch (shape.kind) {
    case "later":
      return node;
    case "anything":
      return plainValue(node);
    case "list":
      if (node.kind !== "list") return wrong("a list is wanted");
      return settled(node.items.map((item, index) => read(problems, [...place, index], item, shape.of)));
    case "map":
      return node.kind === "map" ? readMap(problems, place, node, shape) : wrong("a map is wanted");
    case "object":
      return node.kind === "map" ? readFields(problems, place, node, shape.fields) : wrong("a map is wanted");
    case "variants":
      return node.kind === "map" ? readVariant(problems, place, node, shape) : wrong("a map with a type is wanted");
    case "textOrList":
      return node.kind === "list"
        ? settled(node.items.map((item, index) => read(problems, [...place, index], item, { kind: "text" })))
        : (textOf(node) ?? wrong("a text or a list of texts is wanted"));
    case "version":
      return versionOf(node) ?? wrong("a version is wanted");
    case "text":
      return readText(node, shape, wrong);
    case "enum":
      return readEnum(node, shape.values, shape.fold, wrong);
    case "boolean":
      return booleanOf(node) ?? wrong("true or false is wanted");
    case "integer":
      return readInteger(node, shape.range, shape.strict === true, wrong);
    case "number":
      return readNumber(node, shape.range, shape.exclusive === true, wrong);
  }
}

type Wrong = (expected: string) => typeof unreadable;

function readMap(
  problems: Problems,
  place: Place,
  node: YamlMap,
  { of, keys }: Extract<Shape, { kind: "map" }>,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, { key: at, value }] of node.entries) {
    if (keys && !keys.test(key)) problems.error(at, [...place, key], "a name of letters, digits and _ is wanted");
    const found = read(problems, [...place, key], value, of);
    // The client drops a null that nothing declares.
    if (found !== null || of.nullable) set(result, key, found);
  }
  return result;
}

/** The properties of a map; an unknown one, and one that is missing, is an error. */
export function readFields(problems: Problems, place: Place, node: YamlMap, fields: Fields): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, { key: at, value }] of node.entries) {
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (!field) {
      problems.error(at, [...place, key], `unknown property; ${didYouMean(key, Object.keys(fields))}`);
      continue;
    }
    const found = read(problems, [...place, key], value, field);
    if (field.unused) problems.warn(at, [...place, key], `has no effect: ${field.unused}`);
    if (field.unused === undefined) set(result, key, found);
  }
  for (const [key, field] of Object.entries(fields)) {
    if (field.required && !node.entries.has(key)) problems.error(node.at, [...place, key], `is missing${hint(field)}`);
  }
  return result;
}

function hint(field: Field): string {
  if (field.kind === "enum")
    return `; ${field.values.length === 1 ? "it must be" : "allowed are"} ${field.values.join(", ")}`;
  if (field.kind === "integer") return `; ${bounds(field.range, "a whole number")} is wanted`;
  return field.kind === "object" ? "; a map is wanted" : "";
}

function readVariant(
  problems: Problems,
  place: Place,
  node: YamlMap,
  { fold, variants }: Extract<Shape, { kind: "variants" }>,
): unknown {
  const type: Field = { kind: "enum", values: Object.keys(variants), fold, required: true };
  const given = node.entries.get("type");
  if (!given) {
    problems.error(node.at, [...place, "type"], `is missing${hint(type)}`);
    return unreadable;
  }
  const chosen = read(problems, [...place, "type"], given.value, type);
  if (typeof chosen !== "string") return unreadable;
  return readFields(problems, place, node, { type, ...variants[chosen] });
}

function readText(node: YamlNode, { pattern, wanted }: Extract<Shape, { kind: "text" }>, wrong: Wrong): unknown {
  const text = textOf(node);
  if (text === undefined) return wrong(node.kind === "scalar" ? "a text is wanted; quote it" : "a text is wanted");
  return pattern && !pattern.test(text) ? wrong(wanted ?? `a text like ${pattern.source} is wanted`) : text;
}

function readEnum(node: YamlNode, values: readonly string[], fold: Fold, wrong: Wrong): unknown {
  const name = textOf(node);
  if (name === undefined) return wrong(`allowed are ${values.join(", ")}`);
  const folded = folds[fold](name);
  return values.includes(folded) ? folded : wrong(didYouMean(folded, values));
}

const folds: Readonly<Record<Fold, (name: string) => string>> = {
  lower: (name) => name.toLowerCase(),
  // The two steps of azure-ai-ml's camel_to_snake.
  snake: (name) =>
    name
      .replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
      .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
      .toLowerCase(),
};

function textOf(node: YamlNode): string | undefined {
  return node.kind === "scalar" && typeof node.value === "string" ? node.value : undefined;
}

function versionOf(node: YamlNode): string | undefined {
  if (node.kind !== "scalar") return undefined;
  const { value } = node;
  if (typeof value === "number") return Number.isInteger(value) ? `${value}.0` : String(value);
  return typeof value === "bigint" ? String(value) : textOf(node);
}

const truths = ["t", "T", "true", "True", "TRUE", "on", "On", "ON", "y", "Y", "yes", "Yes", "YES", "1"];
const untruths = ["f", "F", "false", "False", "FALSE", "off", "Off", "OFF", "n", "N", "no", "No", "NO", "0"];

/** A boolean as azure-ai-ml takes it: true and false, 1 and 0 as v1 scripts wrote, and their words. */
export function booleanOf(node: YamlNode): boolean | undefined {
  if (node.kind !== "scalar") return undefined;
  const { value } = node;
  if (typeof value === "boolean") return value;
  const word = typeof value === "bigint" || typeof value === "number" ? String(value) : value;
  if (typeof word !== "string") return undefined;
  return truths.includes(word) ? true : untruths.includes(word) ? false : undefined;
}

function readInteger(node: YamlNode, range: Range, strict: boolean, wrong: Wrong): unknown {
  const value = integerOf(node, strict);
  const wanted = `${bounds(range, "a whole number")} is wanted`;
  return value === undefined || !inside(Number(value), range, false) ? wrong(wanted) : Number(value);
}

/**
 * A whole number. Not strict: a text of digits and 5.0 are taken too. azure-ai-ml would cut 5.7 to 5 without a word, which is
 * refused here.
 */
export function integerOf(node: YamlNode, strict: boolean): bigint | undefined {
  if (node.kind !== "scalar") return undefined;
  const { value } = node;
  if (typeof value === "bigint") return value;
  if (strict) return undefined;
  if (typeof value === "number" && Number.isInteger(value)) return BigInt(value);
  return typeof value === "string" && /^\s*[-+]?\d+\s*$/.test(value)
    ? BigInt(value.trim().replace("+", ""))
    : undefined;
}

function readNumber(node: YamlNode, range: Range, exclusive: boolean, wrong: Wrong): unknown {
  const value = numberOf(node);
  const wanted = exclusive
    ? `a number between ${range[0]} and ${range[1]} is wanted`
    : `${bounds(range, "a number")} is wanted`;
  return value === undefined || !inside(value, range, exclusive) ? wrong(wanted) : value;
}

/** A finite number, also as a text: without a point, 1e-5 is one in YAML 1.1. */
export function numberOf(node: YamlNode): number | undefined {
  if (node.kind !== "scalar") return undefined;
  const { value } = node;
  const number =
    typeof value === "bigint" || typeof value === "number"
      ? Number(value)
      : typeof value === "string" && /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*$/.test(value)
        ? Number(value)
        : NaN;
  return Number.isFinite(number) ? number : undefined;
}

export function inside(value: number, [low, high]: Range, exclusive: boolean): boolean {
  return exclusive ? value > low && value < high : value >= low && value <= high;
}

/** "a whole number from 1 to 1000". */
export function bounds([low, high]: Range, kind: string): string {
  if (low === -Infinity && high === Infinity) return kind;
  return high >= Number.MAX_SAFE_INTEGER ? `${kind} of ${low} or more` : `${kind} from ${low} to ${high}`;
}

/** A node as JSON has it. */
export function plainValue(node: YamlNode): unknown {
  switch (node.kind) {
    case "list":
      return node.items.map(plainValue);
    case "map":
      // The client drops nulls from the maps that it passes on.
      return Object.fromEntries(
        [...node.entries].map(([key, { value }]) => [key, plainValue(value)]).filter(([, value]) => value !== null),
      );
    case "scalar":
      if (node.value instanceof Timestamp) return node.value.text;
      return typeof node.value === "bigint" ? Number(node.value) : node.value;
  }
}

/** A node as messages show it. */
export function show(node: YamlNode): string {
  if (node.kind === "scalar") {
    if (node.value instanceof Timestamp) return `the date ${node.value.text}`;
    return typeof node.value === "number" || typeof node.value === "bigint" ? String(node.value) : quote(node.value);
  }
  return node.size > 20 ? `a ${node.kind}` : quote(plainValue(node));
}

function set(target: Record<string, unknown>, key: string, value: unknown): void {
  // A key such as __proto__ is data here.
  if (value !== unreadable)
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

function settled(values: readonly unknown[]): unknown {
  return values.includes(unreadable) ? unreadable : values;
}

/** The value at a place; of one that is missing, the nearest that should contain it, which is not found. */
export function find(root: YamlNode, place: Place): { node: YamlNode; found: boolean } {
  const [part, ...rest] = place;
  if (part === undefined) return { node: root, found: true };
  const next =
    root.kind === "map" && typeof part === "string"
      ? root.entries.get(part)?.value
      : root.kind === "list" && typeof part === "number"
        ? root.items[part]
        : undefined;
  return next ? find(next, rest) : { node: root, found: false };
}
