import { entryOf } from "./comparison";
import { evaluated, type Surroundings } from "./expression";
import type { Parameters, Rule } from "./rules";

/** What a policy can take away that the stack may rely on. */
export type Taken = "keys" | "publicNetwork";

export interface KnownTaken {
  taken: Taken;
  effect: string;
}

const account = "Microsoft.Storage/storageAccounts";
/** Properties of a storage account by which it is taken away, in lower case. */
const aliases: Readonly<Record<string, Taken>> = {
  [`${account}/allowSharedKeyAccess`.toLowerCase()]: "keys",
  [`${account}/publicNetworkAccess`.toLowerCase()]: "publicNetwork",
  [`${account}/networkAcls.defaultAction`.toLowerCase()]: "publicNetwork",
};
/** Values that leave what it is about as it is. */
const permitting = new Set(["true", "enabled", "allow"]);

/**
 * Built-in definitions, for who may not read them:
 * https://github.com/Azure/azure-policy/tree/master/built-in-policies/policyDefinitions/Storage
 */
const known: Readonly<Record<string, KnownTaken | undefined>> = {
  "8c6a50c6-9ffd-4ae7-986f-5fa6111f9a54": { taken: "keys", effect: "Audit" },
  "b2982f36-99f2-4db5-8eff-283140c09693": { taken: "publicNetwork", effect: "Audit" },
  "a06d0189-92e8-4dba-b0c4-08d7669fce7d": { taken: "publicNetwork", effect: "Modify" },
};

/** What a known definition takes away, and by which effect. @param given as the assignment, or the initiative, gives them */
export function knownTaken(definitionId: string, given: Parameters, override?: string): KnownTaken | undefined {
  const found = known[definitionId.split("/").at(-1)?.toLowerCase() ?? ""];
  const effect = override ?? entryOf(given, "effect")?.value;
  return found && { ...found, effect: typeof effect === "string" ? effect : found.effect };
}

/** What a rule takes away that changes what is deployed, by the properties that it sets. */
export function takenBy({ details }: Rule, around: Surroundings): Taken[] {
  const objects = objectsIn(details);
  const operations = objects.flatMap(({ field, value }) =>
    value !== undefined && permitting.has(String(evaluated(value, around)).toLowerCase()) ? [] : takenWith(field),
  );
  // A template that is deployed says the properties alone.
  const templates = objects.flatMap(({ allowSharedKeyAccess, publicNetworkAccess }): Taken[] => [
    ...(allowSharedKeyAccess === false ? (["keys"] as const) : []),
    ...(String(publicNetworkAccess).toLowerCase() === "disabled" ? (["publicNetwork"] as const) : []),
  ]);
  return [...new Set([...operations, ...templates])];
}

function takenWith(field: unknown): Taken[] {
  const taken = typeof field === "string" ? aliases[field.toLowerCase()] : undefined;
  return taken ? [taken] : [];
}

function objectsIn(value: unknown): Record<string, unknown>[] {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.values(value).flatMap(objectsIn);
  return Array.isArray(value) ? inner : [value as Record<string, unknown>, ...inner];
}
