import { isDeepStrictEqual } from "node:util";
import { isMap, type Properties } from "../maps";
import type { ResourceType } from "../resourceTypes";
import { inputsOf } from "./convert";

/**
 * Old inputs with what changed between two answers, as the real plugin takes it over: what was added, changed or removed in
 * Azure. What an answer had before and has now (defaults of the service) makes no noise.
 * @param before outputs as they were stored
 */
export function refreshedInputs(
  type: ResourceType,
  inputs: Properties,
  before: Properties,
  after: Properties,
): Properties {
  const unset = unsetSubResources(type, inputs);
  const shown = (outputs: Properties) => without(inputsOf(type, outputs), unset);
  return withChanges(inputs, shown(before), shown(after));
}

function withChanges(inputs: Properties, before: Properties, after: Properties): Properties {
  const changed = { ...inputs };
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, now] = [before[key], after[key]];
    if (isDeepStrictEqual(old, now)) continue;
    if (now === undefined) delete changed[key];
    else changed[key] = key in inputs ? withChange(inputs[key], old, now) : now;
  }
  return changed;
}

function withChange(input: unknown, before: unknown, after: unknown): unknown {
  if (isDeepStrictEqual(before, after)) return input;
  if (isMap(input) && isMap(before) && isMap(after)) return withChanges(input, before, after);
  if (!Array.isArray(input) || !Array.isArray(before) || !Array.isArray(after)) return after;
  const known = Math.min(input.length, before.length);
  return after.map((item, at) => (at < known ? withChange(input[at], before[at], item) : item) as unknown);
}

/** Lists of resources of their own that the program has not set: it may declare those resources beside. */
export function unsetSubResources({ subResources = [] }: ResourceType, inputs: Properties): string[] {
  return subResources.filter((path) => valueAt(inputs, path) === undefined);
}

export function valueAt(properties: unknown, path: string): unknown {
  return path.split(".").reduce((value: unknown, key) => (isMap(value) ? value[key] : undefined), properties);
}

/** A copy with a value at a dotted path. */
export function withValue(properties: Properties, path: string, value: unknown): Properties {
  const [key = "", ...rest] = path.split(".");
  if (rest.length === 0) return { ...properties, [key]: value };
  const inner = isMap(properties[key]) ? properties[key] : {};
  return { ...properties, [key]: withValue(inner, rest.join("."), value) };
}

function without(properties: Properties, paths: readonly string[]): Properties {
  return paths.reduce(
    (left, path) => (valueAt(left, path) === undefined ? left : withValue(left, path, undefined)),
    properties,
  );
}
