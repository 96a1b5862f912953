import { z } from "zod";
import { combineProblems } from "../../lib/errors";
import type { KeyComment } from "./comments";

/** A key of the configuration, for its reference. */
export interface ConfigurationKey {
  path: string;
  type: string;
  /** As JSON; undefined when there is none. */
  default?: string;
  allowed: string;
  /** A value as `pulumi config set` takes it. */
  example: string;
  description: string;
  isSection: boolean;
}

interface Node {
  type?: string;
  enum?: (string | number)[];
  anyOf?: Node[];
  items?: Node;
  properties?: Record<string, Node>;
  additionalProperties?: Node | boolean;
  default?: unknown;
  format?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
}

/**
 * All keys of a configuration schema, sections before what is in them.
 * @throws UserError for keys without a comment, and for those without a default, a choice or an `@example`
 */
export function configurationKeys(schema: z.ZodType, comments: ReadonlyMap<string, KeyComment>): ConfigurationKey[] {
  const side = (io: "input" | "output") => z.toJSONSchema(schema, { io, unrepresentable: "any" }) as Node;
  const keys = collect(side("output"), side("input"), "", comments);
  const problems = keys.flatMap(({ path, description, example, isSection }) => [
    ...(description ? [] : [`${path}: it has no comment; say above it in config.ts what it means`]),
    ...(example || isSection ? [] : [`${path}: it has no default; give an @example in its comment in config.ts`]),
  ]);
  if (problems.length > 0) throw combineProblems("The configuration is not documented:", problems);
  return keys;
}

/** @param output what the program gets; @param given what a user writes, which is known where a value is converted */
function collect(
  output: Node,
  given: Node,
  parent: string,
  comments: ReadonlyMap<string, KeyComment>,
): ConfigurationKey[] {
  return Object.entries(output.properties ?? {}).flatMap(([name, field]) => {
    const path = parent ? `${parent}.${name}` : name;
    const other = given.properties?.[name] ?? {};
    const node = field.type || field.anyOf ? field : { ...other, default: field.default ?? other.default };
    const comment = comments.get(path) ?? { description: "", allowed: [] };
    const isSection = node.properties !== undefined;
    const key: ConfigurationKey = {
      path,
      type: typeOf(node),
      allowed: isSection ? "" : allowedOf(node, comment.allowed),
      example: isSection ? "" : exampleOf(node, comment),
      description: comment.description,
      isSection,
    };
    if (!isSection && node.default !== undefined) key.default = JSON.stringify(node.default);
    return [key, ...collect(node, other, path, comments)];
  });
}

function typeOf(node: Node): string {
  if (node.anyOf) return [...new Set(node.anyOf.map(typeOf))].join(" or ");
  if (node.type === "array") return `list of ${typeOf(node.items ?? {})}`;
  if (node.type === "object") return node.properties ? "section" : "map";
  if (node.type === "integer") return "whole number";
  return node.type ?? "text";
}

function allowedOf(node: Node, messages: readonly string[]): string {
  if (node.enum) return node.enum.map((value) => `\`${String(value)}\``).join(", ");
  if (node.type === "boolean") return "`true`, `false`";
  if (messages.length > 0) return messages.join("; ");
  const limits = [
    node.minimum === undefined || node.minimum === Number.MIN_SAFE_INTEGER ? "" : `at least ${node.minimum}`,
    node.exclusiveMinimum === undefined ? "" : `more than ${node.exclusiveMinimum}`,
    node.maximum === undefined || node.maximum === Number.MAX_SAFE_INTEGER ? "" : `at most ${node.maximum}`,
    node.exclusiveMaximum === undefined ? "" : `less than ${node.exclusiveMaximum}`,
    node.minLength === undefined ? "" : node.minLength === 1 ? "not empty" : `at least ${node.minLength} characters`,
    node.maxLength === undefined ? "" : `at most ${node.maxLength} characters`,
    node.minItems === undefined ? "" : `at least ${node.minItems} ${node.minItems === 1 ? "entry" : "entries"}`,
    node.format === "uri" ? "a URL" : "",
  ].filter(Boolean);
  const entries = node.items ? allowedOf(node.items, []) : "";
  return [...limits, ...(entries && entries !== "any" ? [`each: ${entries}`] : [])].join(", ") || "any";
}

/** Another value than the default where the choice is known, so that the example does something. */
function exampleOf(node: Node, { example }: KeyComment): string {
  if (example !== undefined) return example;
  const other = node.enum?.find((value) => value !== node.default);
  if (other !== undefined) return written(other);
  if (node.type === "boolean") return String(node.default !== true);
  if (node.default === undefined) return "";
  return written(node.default);
}

function written(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
