import { isMap, type Properties } from "../maps";
import { armTypeOf, pathArguments, type ResourceType } from "../resourceTypes";
import { bodyOfType, objectShapeOf } from "../schemas";
import { flattenedPath } from "../schemas/flattened";
import { brokenLimits, limitsOfName, type Limits } from "../schemas/limits";
import type { ObjectShape, Shape } from "../schemas/schema";
import { bodyOf, sdkPath } from "./convert";
import { unknownValue } from "./values";

type Report = (failure: Failure) => void;

/** What is wrong at a dotted path of the request body. */
interface Failure {
  path: string;
  words: (property: string) => string;
}

/**
 * What the real plugin refuses in Check, and no more: what is missing, strings, numbers and arrays where another type is
 * wanted, and limits of lengths, patterns and ranges. It lets pass values of enumerations, unknown names, booleans and
 * objects in any place, and all that is inside a map or one of several objects; Resource Manager has the last word on those.
 * @see validateType and validateProperty of https://github.com/pulumi/pulumi-azure-native/blob/master/provider/pkg/provider/provider.go
 */
export function checkInputs(type: ResourceType, inputs: Properties): string[] {
  const failures: string[] = [];
  const armType = armTypeOf(type);
  const inPath: Report = ({ path, words }) => void failures.push(words(path));
  for (const name of pathArguments(type)) {
    if (name === "subscriptionId") continue;
    if (isAbsent(inputs[name])) inPath(missing(name));
    else checkValue({ kind: "string" }, limitsOfName(armType, name), inputs[name], name, inPath);
    const known = type.typeArguments?.[name];
    if (known !== undefined && inputs[name] !== known && inputs[name] !== unknownValue)
      failures.push(
        `the local stand-in of azure-native knows '${name}' as '${known}' alone, not '${String(inputs[name])}'`,
      );
  }
  const inBody: Report = ({ path, words }) => void failures.push(words(propertyOf(type, path)));
  const schema = bodyOfType(armType);
  if (!schema) return failures;
  const body = bodyOf(type, inputs);
  checkObject(schema.envelope, body, "", inBody);
  if ("kind" in schema.properties) {
    if (isAbsent(body.properties)) inBody(missing("properties"));
    else checkValue(schema.properties, undefined, body.properties, "properties", inBody);
  } else checkObject(schema.properties, isMap(body.properties) ? body.properties : {}, "properties", inBody);
  return failures;
}

/** The program's name of a place in the body. */
function propertyOf(type: ResourceType, path: string): string {
  if (type.propertiesArgument) return path.replace(/^properties\b/, type.propertiesArgument);
  if (!path.startsWith("properties.")) return path;
  return sdkPath(type, flattenedPath(armTypeOf(type), path.slice("properties.".length)));
}

function checkObject({ properties }: ObjectShape, value: Properties, path: string, report: Report): void {
  const inside = (key: string) => (path ? `${path}.${key}` : key);
  for (const [key, { required }] of Object.entries(properties))
    if (required && isAbsent(value[key])) report(missing(inside(key)));
  for (const [key, { shape, limits }] of Object.entries(properties))
    if (!isAbsent(value[key])) checkValue(shape, limits, value[key], inside(key), report);
}

function checkValue(shape: Shape, limits: Limits | undefined, value: unknown, path: string, report: Report): void {
  if (value === unknownValue || shape.kind === "any") return;
  if (isMap(value)) {
    const object = shape.kind === "object" ? objectShapeOf(shape.name) : undefined;
    if (object) checkObject(object, value, path, report);
    return;
  }
  const given = Array.isArray(value) ? "array" : typeof value;
  if (given === "boolean") return;
  const wanted = pluginType(shape, limits);
  if (given !== wanted && !(given === "number" && wanted === "integer")) {
    const article = given === "array" ? "an" : "a";
    return report({ path, words: (name) => `'${name}' should be of type '${wanted}' but got ${article} ${given}` });
  }
  if (Array.isArray(value) && shape.kind === "list")
    value.forEach((item, index) => checkValue(shape.of, undefined, item, `${path}[${index}]`, report));
  for (const limit of brokenLimits(limits, value)) report({ path, words: beyond(limit, limits ?? {}, value) });
}

/** The type in the plugin's tables, which have none for one of several objects. */
function pluginType(shape: Shape, limits: Limits | undefined): string {
  switch (shape.kind) {
    case "enum":
    case "literal":
      return "string";
    case "list":
      return "array";
    case "map":
      return "object";
    case "union":
      return "";
    case "number":
      return limits?.integer ? "integer" : "number";
    default:
      return shape.kind;
  }
}

/** The plugin's words for a limit that is broken. */
function beyond(limit: keyof Limits, limits: Limits, value: unknown): Failure["words"] {
  const fixed = (number: unknown) => Number(number).toFixed(6);
  const bytes = Buffer.byteLength(String(value));
  switch (limit) {
    case "minLength":
      return (name) => `'${name}' is too short (${bytes}): at least ${limits.minLength} characters required`;
    case "maxLength":
      return (name) => `'${name}' is too long (${bytes}): at most ${limits.maxLength} characters allowed`;
    case "pattern":
      return (name) => `'${name}' does not match expression '${limits.pattern}'`;
    case "integer":
      return (name) => `'${name}' must be an integer but got ${fixed(value)}`;
    case "minimum":
      return (name) => `'${name}' is too low (${fixed(value)} < ${fixed(limits.minimum)})`;
    case "maximum":
      return (name) => `'${name}' is too high (${fixed(value)} > ${fixed(limits.maximum)})`;
  }
}

/** The plugin takes null for nothing. */
function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function missing(path: string): Failure {
  const hint = (property: string) =>
    property === "location"
      ? ". Either set it explicitly or configure it with 'pulumi config set azure-native:location <value>'."
      : "";
  return { path, words: (property) => `missing required property '${property}'${hint(property)}` };
}
