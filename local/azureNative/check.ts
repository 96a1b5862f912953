import { createHash } from "node:crypto";
import { validateBody } from "../schemas";
import { armTypeOf, pathArguments, type ResourceType } from "../resourceTypes";
import { flattenedPath } from "../schemas/flattened";
import { bodyOf, sdkPath } from "./convert";
import { at, isMap, type Properties } from "./values";

export interface Failure {
  property: string;
  reason: string;
}

/** The last part of the path gets a name of its own when none is given: the resource's name and 8 hex digits. */
export function withAutoname(
  type: ResourceType,
  inputs: Properties,
  olds: Properties,
  urn: string,
  randomSeed: Uint8Array,
): Properties {
  const name = pathArguments(type).at(-1) ?? "";
  if (inputs[name] !== undefined) return inputs;
  if (olds[name] !== undefined) return { ...inputs, [name]: olds[name] };
  const stem = urn.split("::").at(-1) ?? "resource";
  const suffix = createHash("sha256").update(randomSeed).digest("hex").slice(0, 8);
  return { ...inputs, [name]: `${stem}${suffix}`, __createBeforeDelete: true };
}

/** What the real plugin refuses in Check: what is missing, and wrong types. Enumerations and unknown names it lets pass. */
export function checkInputs(type: ResourceType, inputs: Properties): Failure[] {
  const failures: Failure[] = [];
  for (const name of pathArguments(type)) {
    if (name === "subscriptionId") continue;
    const value = inputs[name];
    if (value === undefined) failures.push(missing(name));
    else if (typeof value !== "string") failures.push(mistyped(name, "string", value));
  }
  const body = bodyOf(type, inputs);
  for (const { code, target, type: wanted } of validateBody(armTypeOf(type), body)) {
    const { value, unknown } = at(body, target);
    if (unknown) continue;
    const property = type.propertiesArgument
      ? target.replace(/^properties\b/, type.propertiesArgument)
      : target.startsWith("properties.")
        ? sdkPath(type, flattenedPath(armTypeOf(type), target.slice("properties.".length)))
        : target;
    if (code === "MissingRequiredProperty") failures.push(missing(property));
    else if (wanted) failures.push(mistyped(property, wanted, value));
  }
  return failures;
}

function mistyped(property: string, wanted: string, value: unknown): Failure {
  const given = Array.isArray(value) ? "an array" : isMap(value) ? "an object" : `a ${typeof value}`;
  return { property, reason: `'${property}' should be of type '${wanted}' but got ${given}` };
}

function missing(property: string): Failure {
  const hint =
    property === "location"
      ? ". Either set it explicitly or configure it with 'pulumi config set azure-native:location <value>'."
      : "";
  return { property, reason: `missing required property '${property}'${hint}` };
}
