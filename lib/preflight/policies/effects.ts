import type { PolicyAssignment, PolicyDefinition, PolicySet } from "../azureReader";

/** What a policy can take away that the stack may rely on. */
export type Subject = "keys" | "publicNetwork";

export interface Effect {
  subject: Subject;
  /** As the definition, a parameter or an override says: Deny, Modify and so on. */
  effect: string;
}

type Parameters = Record<string, { value?: unknown }>;

const account = "Microsoft.Storage/storageAccounts";
/** Properties of a storage account by which it is taken away, in lower case. */
const aliases: Readonly<Record<string, Subject>> = {
  [`${account}/allowSharedKeyAccess`.toLowerCase()]: "keys",
  [`${account}/publicNetworkAccess`.toLowerCase()]: "publicNetwork",
  [`${account}/networkAcls.defaultAction`.toLowerCase()]: "publicNetwork",
};
/** Values that leave what it is about as it is. */
const permitting = new Set(["true", "enabled", "allow"]);
/** Effects that refuse or change what is deployed; the others only tell of it. */
const inForce = new Set(["deny", "modify", "append", "deployifnotexists"]);

/**
 * Built-in definitions, for who may not read them:
 * https://github.com/Azure/azure-policy/tree/master/built-in-policies/policyDefinitions/Storage
 */
const known: Readonly<Record<string, Effect>> = {
  "8c6a50c6-9ffd-4ae7-986f-5fa6111f9a54": { subject: "keys", effect: "Audit" },
  "b2982f36-99f2-4db5-8eff-283140c09693": { subject: "publicNetwork", effect: "Audit" },
  "a06d0189-92e8-4dba-b0c4-08d7669fce7d": { subject: "publicNetwork", effect: "Modify" },
};

export function isKnown(definitionId: string): boolean {
  return nameOf(definitionId) in known;
}

/** What a known definition takes away. @param parameters as the assignment, or the initiative, gives them */
export function knownEffects(definitionId: string, parameters: Parameters, override?: string): Effect[] {
  const found = known[nameOf(definitionId)];
  const given = override ?? valueOf(parameters, "effect");
  return found ? strong([{ ...found, effect: typeof given === "string" ? given : found.effect }]) : [];
}

function nameOf(definitionId: string): string {
  return definitionId.split("/").at(-1)?.toLowerCase() ?? "";
}

/**
 * What a definition takes away with these parameters: by the properties that its condition is about where it denies, and by
 * those that it sets where it changes what is deployed.
 */
export function effectsOf({ properties }: PolicyDefinition, parameters: Parameters, override?: string): Effect[] {
  const { policyRule = {}, parameters: declared = {} } = properties;
  const resolve = (value: unknown) => resolved(value, parameters, declared);
  const effect = override ?? resolve(policyRule.then?.effect);
  if (typeof effect !== "string") return [];
  const subjects = effect.toLowerCase() === "deny" ? mentioned(policyRule.if) : set(policyRule.then?.details, resolve);
  return strong([...new Set(subjects)].map((subject) => ({ subject, effect })));
}

/** The members of an initiative, each with the parameters that it gets. */
export function membersOf(
  { properties }: PolicySet,
  given: Parameters,
): { definitionId: string; reference: string; parameters: Parameters }[] {
  return (properties.policyDefinitions ?? []).map(
    ({ policyDefinitionId, policyDefinitionReferenceId, parameters }) => ({
      definitionId: policyDefinitionId,
      reference: policyDefinitionReferenceId ?? "",
      parameters: Object.fromEntries(
        Object.entries(parameters ?? {}).map(([name, { value }]) => [
          name,
          { value: resolved(value, given, properties.parameters ?? {}) },
        ]),
      ),
    }),
  );
}

/** The effect that an assignment puts in place of the definition's. @param reference of a member of its initiative */
export function overrideOf({ properties }: PolicyAssignment, reference?: string): string | undefined {
  const found = (properties.overrides ?? []).find(
    ({ kind, selectors = [] }) =>
      kind?.toLowerCase() === "policyeffect" &&
      selectors.every(
        ({ kind: by, in: among, notIn }) =>
          by?.toLowerCase() !== "policydefinitionreferenceid" ||
          ((among === undefined || among.includes(reference ?? "")) && !notIn?.includes(reference ?? "")),
      ),
  );
  return found?.value;
}

function strong(effects: readonly Effect[]): Effect[] {
  return effects.filter(({ effect }) => inForce.has(effect.toLowerCase()));
}

/** A parameter stands in place of a value as `[parameters('NAME')]`. */
function resolved(value: unknown, given: Parameters, declared: Record<string, { defaultValue?: unknown }>): unknown {
  const [, name] = /^\[parameters\('([^']+)'\)\]$/i.exec(typeof value === "string" ? value : "") ?? [];
  if (name === undefined) return value;
  return valueOf(given, name) ?? entryOf(declared, name)?.defaultValue;
}

function valueOf(parameters: Parameters, name: string): unknown {
  return entryOf(parameters, name)?.value;
}

/** Names of parameters are the same in any case. */
function entryOf<T>(entries: Record<string, T>, name: string): T | undefined {
  return Object.entries(entries).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

/** Subjects of all fields at any depth of a condition. */
function mentioned(condition: unknown): Subject[] {
  return objectsIn(condition).flatMap(({ field }) => subjectsOf(field));
}

/** Subjects of the fields that a change sets to something else than what permits them. */
function set(details: unknown, resolve: (value: unknown) => unknown): Subject[] {
  const operations = objectsIn(details).flatMap(({ field, value }) =>
    value !== undefined && permitting.has(String(resolve(value)).toLowerCase()) ? [] : subjectsOf(field),
  );
  // A template that is deployed says the properties alone.
  const templates = objectsIn(details).flatMap(({ allowSharedKeyAccess, publicNetworkAccess }): Subject[] => [
    ...(allowSharedKeyAccess === false ? (["keys"] as const) : []),
    ...(String(publicNetworkAccess).toLowerCase() === "disabled" ? (["publicNetwork"] as const) : []),
  ]);
  return [...operations, ...templates];
}

function subjectsOf(field: unknown): Subject[] {
  const subject = typeof field === "string" ? aliases[field.toLowerCase()] : undefined;
  return subject ? [subject] : [];
}

function objectsIn(value: unknown): Record<string, unknown>[] {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.values(value).flatMap(objectsIn);
  return Array.isArray(value) ? inner : [value as Record<string, unknown>, ...inner];
}
