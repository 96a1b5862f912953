import { isMap, type Properties } from "../maps";
import { armTypeOf, pathArguments, type ResourceType } from "../resourceTypes";
import { flattened, nested } from "../schemas/flattened";
import { inputBody } from "../schemas/inputBody";

/** The id that inputs give, once all parts of the path are known. */
export function idOf({ path }: ResourceType, inputs: Properties, subscriptionId: string): string {
  return path
    .replace(/\{(\w+)\}/g, (_, name: string) => (name === "subscriptionId" ? subscriptionId : String(inputs[name])))
    .replace(/\/{2,}/g, "/");
}

/** The request body: the SDK's arguments without those of the path, flattened ones back in `properties`. */
export function bodyOf(type: ResourceType, inputs: Properties): Properties {
  const path = new Set(pathArguments(type));
  const body: Properties = {};
  const properties: Properties = {};
  for (const [key, value] of Object.entries(changeSets(inputs, setToObject) as Properties)) {
    if (path.has(key) || key.startsWith("__") || key === "azureApiVersion") continue;
    if (type.envelope?.includes(key)) body[key] = value;
    else if (type.propertiesArgument) {
      if (key === type.propertiesArgument) body.properties = value;
    } else properties[key] = value;
  }
  if (!type.propertiesArgument && (Object.keys(properties).length > 0 || type.path.includes("/providers/")))
    body.properties = nested(armTypeOf(type), withWireNames(type, properties));
  return body;
}

/** Sets of ids, which are lists in the SDK's inputs and objects with empty values in bodies. */
export const idSets: readonly string[] = ["userAssignedIdentities"];

function setToObject(key: string, value: unknown): unknown {
  const isSet = idSets.includes(key) && Array.isArray(value) && value.every((id) => typeof id === "string");
  return isSet ? Object.fromEntries(value.map((id) => [id, {}])) : value;
}

function objectToSet(key: string, value: unknown): unknown {
  return idSets.includes(key) && isMap(value) ? Object.keys(value).sort() : value;
}

function changeSets(value: unknown, change: (key: string, item: unknown) => unknown): unknown {
  return mapKeys(value, (key, item) => {
    const changed = change(key, item);
    return [key, changed === item ? changeSets(item, change) : changed];
  });
}

function withWireNames({ wireNames }: ResourceType, properties: Properties): Properties {
  if (!wireNames) return properties;
  const rename = (value: unknown, path: string): unknown =>
    mapKeys(value, (key, item) => [wireNames[path + key] ?? key, rename(item, `${path}${key}.`)]);
  return rename(properties, "") as Properties;
}

function withSdkNames(type: ResourceType, properties: Properties): Properties {
  if (!type.wireNames) return properties;
  const rename = (value: unknown, path: string): unknown =>
    mapKeys(value, (key, item) => {
      const name = sdkName(type, path, key);
      return [name, rename(item, `${path}${name}.`)];
    });
  return rename(properties, "") as Properties;
}

/** The SDK's name for a name of Resource Manager, in the object at a dotted path that is "" or ends with a dot. */
function sdkName({ wireNames = {} }: ResourceType, path: string, key: string): string {
  const found = Object.keys(wireNames).find(
    (name) => wireNames[name] === key && name.startsWith(path) && !name.slice(path.length).includes("."),
  );
  return found?.slice(path.length) ?? key;
}

/** The SDK's dotted path for one of Resource Manager, below `properties`; indexes stay where they are. */
export function sdkPath(type: ResourceType, path: string): string {
  let names = "";
  const parts = path.split(".").map((part) => {
    const [, key = "", indexes = ""] = /^([^[]*)(.*)$/.exec(part) ?? [];
    const name = sdkName(type, names, key);
    names += `${name}.`;
    return name + indexes;
  });
  return parts.join(".");
}

function mapKeys(value: unknown, change: (key: string, item: unknown) => [string, unknown]): unknown {
  if (Array.isArray(value)) return value.map((item) => mapKeys(item, change));
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => change(key, item)));
}

/** The SDK's outputs from an answer of Resource Manager. */
export function outputsOf(type: ResourceType, answer: Properties): Properties {
  const { properties, ...envelope } = answer;
  const own = type.propertiesArgument
    ? { [type.propertiesArgument]: properties }
    : isMap(properties)
      ? withSdkNames(type, flattened(armTypeOf(type), properties))
      : {};
  return { ...own, ...envelope, azureApiVersion: type.apiVersion };
}

/** What of the SDK's outputs are inputs too: no parts of the path, and nothing that the service alone sets. */
export function inputsOf(type: ResourceType, outputs: Properties): Properties {
  const { azureApiVersion: _, ...inputs } = outputsOf(type, inputBody(armTypeOf(type), bodyOf(type, outputs)));
  return changeSets(inputs, objectToSet) as Properties;
}

/** Inputs of an imported resource: the parts of its path, and what of its answer is no read-only property. */
export function importedInputs(type: ResourceType, id: string, outputs: Properties): Properties {
  const pattern = new RegExp(
    `^${type.path.replace(/\{(\w+)\}/g, (_, name: string) => (isScope(name) ? `(?<${name}>.+)` : `(?<${name}>[^/]+)`))}$`,
    "i",
  );
  const groups = pattern.exec(id.replace(/^\/+/, "/"))?.groups ?? {};
  const { subscriptionId: _, ...path } = groups;
  return { ...inputsOf(type, outputs), ...path };
}

/** Path arguments that are ids of other resources. */
function isScope(name: string): boolean {
  return name === "scope" || name === "resourceUri";
}
