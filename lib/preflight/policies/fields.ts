import { valuesOf, type Values } from "../../values";
import { armTypeOf } from "./armTypes";
import { entryOf } from "./comparison";
import { Untold } from "./untold";

/** A resource as the program declares it. */
export interface Declared {
  /** Pulumi's type. */
  token: string;
  /** Its name in the program. */
  name: string;
  /** What it is declared with, by the names of the SDK; what is not known before a deployment is {@link unknown}. */
  inputs: Values;
  /** All inputs that its type has. */
  settable: readonly string[];
  /** Of the request that makes it. */
  apiVersion?: string;
}

/** How the SDK marks what is not known yet. */
export const unknown = { __pulumiUnknown: true } as const;

/** Elements of a list that conditions are about one by one, by the list's field in lower case. */
export type Currents = ReadonlyMap<string, unknown>;

export function typeOf({ token }: Declared): string | undefined {
  return armTypeOf(token)?.type;
}

export function nameOf({ token, inputs }: Declared): unknown {
  return known(inputs[armTypeOf(token)?.name ?? ""], "the name");
}

/** Whether policies of the mode Indexed are about it. */
export function isIndexed({ token, settable }: Declared): boolean {
  return settable.includes("location") && settable.includes("tags") && !token.endsWith(":ResourceGroup");
}

/**
 * Value of a field of a policy's condition: https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-policy-rule#fields
 * @returns undefined where the request that makes the resource does not have it; a list for a field with `[*]`
 */
export function fieldOf(resource: Declared, field: string, groupId: string, currents: Currents = new Map()): unknown {
  const { inputs } = resource;
  const type = typeOf(resource);
  if (/^type$/i.test(field)) return type ?? new Untold(`what Azure names ${resource.token} is not known here`);
  if (/^location$/i.test(field)) return known(inputs.location, "the location");
  if (/^name$/i.test(field)) return nameOf(resource);
  if (/^(id|fullName)$/i.test(field)) return identityOf(resource, /^id$/i.test(field) ? groupId : undefined);
  if (/^(kind|identity\.type)$/i.test(field))
    return armTypeOf(resource.token)?.opaque
      ? new Untold(`${field} is not known before the deployment`)
      : walk(inputs, field.split("."), field);
  if (/^tags$/i.test(field)) return known(inputs.tags, "tags");
  const tag = /^tags(?:\.|\[)'?(.*?)'?\]?$/i.exec(field)?.[1];
  if (tag !== undefined) return walk(inputs, ["tags", tag.replace(/^''|''$/g, "'")], field);
  return aliasOf(resource, field, currents);
}

function identityOf(resource: Declared, groupId: string | undefined): unknown {
  const [type, name] = [typeOf(resource), nameOf(resource)];
  if (name instanceof Untold || typeof name !== "string" || type?.split("/").length !== 2)
    return new Untold(`the whole name of ${resource.name} is not known before the deployment`);
  return groupId === undefined ? name : `${groupId}/providers/${type}/${name}`;
}

/** An alias is the type and the path of a property, with or without the `properties` around it. */
function aliasOf({ token, inputs, settable }: Declared, alias: string, currents: Currents): unknown {
  const { type = "", renamed = {}, opaque } = armTypeOf(token) ?? {};
  const slash = alias.lastIndexOf("/");
  if (alias.slice(0, slash).toLowerCase() !== type.toLowerCase())
    return new Untold(`${alias} is a field of another type than ${type || token}`);
  if (opaque) return new Untold(`${alias} is not known before the deployment`);
  const [list, element] = [...currents].findLast(([of]) => alias.toLowerCase().startsWith(of)) ?? [];
  if (list !== undefined) return walk(element, alias.slice(list.length).split(".").filter(Boolean), alias);
  const [first = "", ...rest] = alias.slice(slash + 1).split(".");
  const [, head = first, isList] = /^(.*?)(\[\*\])?$/.exec(first) ?? [];
  const sdk = entryOf(renamed, head) ?? head;
  const inner = valuesOf(inputs.properties);
  const base = [inputs, inner, valuesOf(inner.properties)].find((one) => entryOf(one, sdk) !== undefined);
  if (base) return walk(base, [sdk + (isList ?? ""), ...rest], alias);
  // What no one can set is in no request; of nested properties the names are not listed anywhere.
  const mayBeSet = [...settable, ...(settable.includes("properties") ? [sdk] : [])];
  if (!mayBeSet.some((one) => one.toLowerCase() === sdk.toLowerCase()))
    return new Untold(`${alias} is not among what a program sets`);
  return isList || rest.some((part) => part.endsWith("[*]")) ? [] : undefined;
}

/** What lies at a path, whose parts are in any case; `[*]` after a part leads to each element of its list. */
function walk(from: unknown, path: readonly string[], field: string): unknown {
  const [part, ...rest] = path;
  if (part === undefined) return known(from, field);
  if (isUnknown(from)) return known(from, field);
  const [, name = part, isList] = /^(.*?)(\[\*\])?$/.exec(part) ?? [];
  const value = entryOf(valuesOf(from), name);
  if (!isList) return value === undefined ? absent(rest) : walk(value, rest, field);
  if (isUnknown(value)) return known(value, field);
  const elements = Array.isArray(value) ? (value as unknown[]) : [];
  const found = elements.flatMap((element) => walk(element, rest, field) as unknown[]);
  return found.find((one) => one instanceof Untold) ?? found;
}

function absent(rest: readonly string[]): unknown {
  return rest.some((part) => part.endsWith("[*]")) ? [] : undefined;
}

function known(value: unknown, what: string): unknown {
  return isUnknown(value) ? new Untold(`${what} is not known before the deployment`) : value;
}

function isUnknown(value: unknown): boolean {
  return "__pulumiUnknown" in valuesOf(value);
}
