import type { EnforcementLevel, ResourceValidationPolicy, Severity } from "@pulumi/policy";
import type { Values } from "../lib/values";

type Policy = Pick<ResourceValidationPolicy, "configSchema">;
type Schema = NonNullable<Policy["configSchema"]>["properties"];

/** A resource as the engine is about to make it. Reading a property that preview does not know yet ends the check. */
export interface CheckedResource {
  /** Type token, such as `azure-native:storage:StorageAccount`. */
  type: string;
  name: string;
  /** Name of the stack. */
  stack: string;
  /** Inputs. */
  props: Values;
  isProtected: boolean;
}

/** What is wrong: the property, its value, what is allowed, and what to do. */
export interface Violation {
  property: string;
  value: unknown;
  allowed: string;
  next: string;
}

type Setting<Value> = Schema[string] & { default: Value };

interface Definition<Settings> {
  name: string;
  description: string;
  /** What a violation does, unless the policy's configuration says otherwise. */
  level: EnforcementLevel;
  severity: Severity;
  /** Types that it is about; all when absent. */
  types?: readonly string[];
  /** What may be configured, and what it is when it is not. */
  settings?: { [Name in keyof Settings]: Setting<Settings[Name]> };
  check: (resource: CheckedResource, settings: Settings) => Violation[];
}

/** One rule of the pack. */
export type Rule = Definition<Record<string, unknown>>;

/** A rule as the pack lists it: its settings are of the types that its schema has, which the engine checks. */
export function rule<Settings extends object>(definition: Definition<Settings>): Rule {
  return definition as unknown as Rule;
}

/** @param given the policy's configuration; what it lacks has its default */
export function checkRule(
  { types, settings = {}, check }: Rule,
  resource: CheckedResource,
  given: object,
): Violation[] {
  if (types && !types.includes(resource.type)) return [];
  const defaults = Object.entries(settings).map(([name, schema]) => [name, schema.default] as const);
  return check(resource, { ...Object.fromEntries(defaults), ...given });
}

/** One line for people. */
export function sentence({ property, value, allowed, next }: Violation): string {
  return `${property} is ${value === undefined ? "not set" : JSON.stringify(value)}; allowed is ${allowed}. ${next}`;
}
