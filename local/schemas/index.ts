import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isMap } from "../maps";
import { brokenLimits, type Limits } from "./limits";
import type { GeneratedSchemas, ObjectShape, Shape } from "./schema";

/** Something in a request body that Azure Resource Manager would refuse. */
export interface Violation {
  code: string;
  message: string;
  /** Dotted path in the body. */
  target: string;
}

let loaded: { schemas: GeneratedSchemas; bodies: Map<string, GeneratedSchemas["bodies"][string]> } | undefined;

function load() {
  if (!loaded) {
    const schemas = JSON.parse(readFileSync(join(__dirname, "generated", "schemas.json"), "utf8")) as GeneratedSchemas;
    loaded = {
      schemas,
      bodies: new Map(Object.entries(schemas.bodies).map(([type, body]) => [type.toLowerCase(), body])),
    };
  }
  return loaded;
}

/** Properties of ARM that every resource answers, and that clients send back. */
const answeredByArm = ["id", "name", "type", "systemData", "etag"];

/** What a check has found, and which properties of the body are for the service alone to set. */
class Findings {
  readonly violations: Violation[] = [];
  readonly readOnly: { owner: Record<string, unknown>; key: string }[] = [];
}

/**
 * Checks the body of a PUT: unknown properties, missing required ones, types, limits, enumerations, discriminators.
 * @param armType compared without case; a type without a schema has no violations
 */
export function validateBody(armType: string, body: unknown): Violation[] {
  return check(armType, body, undefined).violations;
}

/**
 * Checks the body of a PUT, and answers it without the properties that the service alone sets: clients send back what
 * they were answered, and Azure ignores those.
 * @param answered how the resource is answered now, when it exists: what is in there is no unknown property
 */
export function writableBody<T>(
  armType: string,
  body: T,
  answered: unknown,
): { violations: readonly Violation[]; body: T } {
  const writable = structuredClone(body);
  const { violations, readOnly } = check(armType, writable, answered);
  for (const { owner, key } of readOnly) delete owner[key];
  return { violations, body: writable };
}

function check(armType: string, body: unknown, answered: unknown): Findings {
  const findings = new Findings();
  const schema = load().bodies.get(armType.toLowerCase());
  if (!schema) return findings;
  if (!isMap(body)) {
    findings.violations.push(invalid("body", "a JSON object is wanted"));
    return findings;
  }
  const envelope: ObjectShape = {
    properties: { ...schema.envelope.properties, properties: { shape: { kind: "any" } } },
    readOnly: answeredByArm,
  };
  checkObject(envelope, body, { path: "", answered, findings });
  const { properties } = body;
  const at: Place = { path: "properties", answered: inner(answered, "properties"), findings };
  if ("properties" in schema.properties) {
    if (properties === undefined ? hasRequired(schema.properties) : true)
      checkObject(schema.properties, properties ?? {}, at);
  } else if (properties === undefined) findings.violations.push(missing("properties"));
  else checkShape(schema.properties, properties, at);
  return findings;
}

/** Where a check has come to in the body, and what the service answers there. */
interface Place {
  path: string;
  answered: unknown;
  findings: Findings;
}

function inside({ path, answered, findings }: Place, key: string): Place {
  return { path: path ? `${path}.${key}` : key, answered: inner(answered, key), findings };
}

function inner(value: unknown, key: string | number): unknown {
  if (Array.isArray(value)) return value[Number(key)];
  return isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function hasRequired(shape: ObjectShape): boolean {
  return Object.values(shape.properties).some(({ required }) => required);
}

function checkObject(shape: ObjectShape, value: unknown, place: Place): void {
  const { path, answered, findings } = place;
  if (!isMap(value)) return void findings.violations.push(invalid(path, `an object is wanted, not ${describe(value)}`));
  for (const [key, item] of Object.entries(value)) {
    const at = inside(place, key);
    if (Object.hasOwn(shape.properties, key)) {
      if (item === null) continue;
      checkShape(shape.properties[key].shape, item, at);
      checkLimits(shape.properties[key].limits, item, at);
    } else if (shape.readOnly?.includes(key) || isProvisioningState(at.path) || isAnswered(answered, key)) {
      findings.readOnly.push({ owner: value, key });
    } else {
      findings.violations.push({
        code: "InvalidRequestContent",
        target: at.path,
        message: `Could not find member '${key}' on object of this type. Path '${at.path}'.`,
      });
    }
  }
  for (const [key, property] of Object.entries(shape.properties)) {
    if (property.required && (inner(value, key) ?? null) === null)
      findings.violations.push(missing(inside(place, key).path));
  }
}

function checkLimits(limits: Limits | undefined, value: unknown, { path, findings }: Place): void {
  for (const limit of brokenLimits(limits, value)) {
    const wanted = limit === "integer" ? "a whole number" : `${limitWords[limit]} ${limits?.[limit]}`;
    findings.violations.push(invalid(path, `${wanted} is wanted, not ${describe(value)}`));
  }
}

const limitWords = {
  minLength: "a length of at least",
  maxLength: "a length of at most",
  pattern: "a match of",
  minimum: "a number of at least",
  maximum: "a number of at most",
};

/** Every resource answers it, also those of types whose declarations have it not. */
function isProvisioningState(path: string): boolean {
  return path === "properties.provisioningState";
}

function isAnswered(answered: unknown, key: string): boolean {
  return isMap(answered) && Object.hasOwn(answered, key);
}

function checkShape(shape: Shape, value: unknown, place: Place): void {
  const { path, answered, findings } = place;
  const wrong = (wanted: string) =>
    void findings.violations.push(invalid(path, `${wanted} is wanted, not ${describe(value)}`));
  switch (shape.kind) {
    case "any":
      return;
    case "string":
    case "number":
    case "boolean":
      if (typeof value !== shape.kind) wrong(`a ${shape.kind}`);
      return;
    case "literal":
      if (value !== shape.value) wrong(`'${shape.value}'`);
      return;
    case "enum":
      // Azure compares enumerations without case.
      if (typeof value !== "string") return wrong("a string");
      if (!shape.values.some((legal) => legal.toLowerCase() === value.toLowerCase()))
        wrong(`one of ${shape.values.map((legal) => `'${legal}'`).join(", ")}`);
      return;
    case "list":
      if (!Array.isArray(value)) return wrong("an array");
      return value.forEach((item, index) =>
        checkShape(shape.of, item, { path: `${path}[${index}]`, answered: inner(answered, index), findings }),
      );
    case "map":
      if (!isMap(value)) return wrong("an object");
      for (const [key, item] of Object.entries(value))
        if (item !== null) checkShape(shape.of, item, inside(place, key));
      return;
    case "object": {
      const object = load().schemas.objects[shape.name];
      if (object) checkObject(object, value, place);
      return;
    }
    case "union":
      checkUnion(shape.names, value, place);
  }
}

/** Picks the object by the property whose literal value differs between them. */
function checkUnion(names: readonly string[], value: unknown, place: Place): void {
  const { path, findings } = place;
  if (!isMap(value)) return void findings.violations.push(invalid(path, `an object is wanted, not ${describe(value)}`));
  const objects = names.flatMap((name) => load().schemas.objects[name] ?? []);
  const discriminator = literalsOf(objects[0] ?? { properties: {} })[0]?.[0];
  if (!discriminator) return;
  const given = inner(value, discriminator) ?? undefined;
  const legal = objects.map((object) => literalsOf(object).find(([key]) => key === discriminator)?.[1] ?? "");
  const index = typeof given === "string" ? legal.indexOf(given) : -1;
  const at = `${path}.${discriminator}`;
  if (given === undefined) findings.violations.push(missing(at));
  else if (index < 0)
    findings.violations.push(
      invalid(at, `one of ${legal.map((item) => `'${item}'`).join(", ")} is wanted, not ${describe(given)}`),
    );
  else checkObject(objects[index], value, place);
}

/** The properties of an object that have one value alone, by which unions tell their objects apart. */
export function literalsOf(object: ObjectShape): (readonly [key: string, value: string])[] {
  return Object.entries(object.properties).flatMap(([key, { shape }]) =>
    shape.kind === "literal" ? [[key, shape.value] as const] : [],
  );
}

function missing(target: string): Violation {
  return { code: "MissingRequiredProperty", target, message: `Required property '${target}' not found in JSON.` };
}

function invalid(target: string, message: string): Violation {
  return { code: "InvalidRequestContent", target, message: `The value of '${target}' is invalid: ${message}.` };
}

function describe(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 120) ?? "undefined";
}

/** The shapes of a type's body, where there are any. */
export function bodyOfType(armType: string): GeneratedSchemas["bodies"][string] | undefined {
  return load().bodies.get(armType.toLowerCase());
}

/** The shape of `properties` of a type's body, where there is one. */
export function bodyShapeOf(armType: string): ObjectShape | Shape | undefined {
  return bodyOfType(armType)?.properties;
}

export function objectShapeOf(name: string): ObjectShape | undefined {
  return load().schemas.objects[name];
}
