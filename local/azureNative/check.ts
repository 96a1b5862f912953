import { validateBody } from "../schemas";
import { isMap, type Properties } from "../maps";
import { armTypeOf, pathArguments, type ResourceType } from "../resourceTypes";
import { flattenedPath } from "../schemas/flattened";
import { bodyOf, sdkPath } from "./convert";
import { at } from "./values";

/** What the real plugin refuses in Check: what is missing, and wrong types. Enumerations and unknown names it lets pass. */
export function checkInputs(type: ResourceType, inputs: Properties): string[] {
  const failures: string[] = [];
  for (const name of pathArguments(type)) {
    if (name === "subscriptionId") continue;
    const value = inputs[name];
    if (value === undefined) failures.push(missing(name));
    else if (typeof value !== "string") failures.push(mistyped(name, "string", value));
    else if (type.typeArguments?.[name] !== undefined && type.typeArguments[name] !== value)
      failures.push(
        `the local stand-in of azure-native knows '${name}' as '${type.typeArguments[name]}' alone, not '${value}'`,
      );
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

function mistyped(property: string, wanted: string, value: unknown): string {
  const given = Array.isArray(value) ? "an array" : isMap(value) ? "an object" : `a ${typeof value}`;
  return `'${property}' should be of type '${wanted}' but got ${given}`;
}

function missing(property: string): string {
  const hint =
    property === "location"
      ? ". Either set it explicitly or configure it with 'pulumi config set azure-native:location <value>'."
      : "";
  return `missing required property '${property}'${hint}`;
}
