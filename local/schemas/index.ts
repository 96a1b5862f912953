import { readFileSync } from "node:fs";
import { join } from "node:path";
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
const answeredByArm = new Set(["id", "name", "type", "systemData", "etag", "properties"]);

/**
 * Checks the body of a PUT: unknown properties, missing required ones, types, enumerations, discriminators. Read-only
 * properties are accepted, as Azure ignores them.
 * @param armType compared without case; a type without a schema has no violations
 */
export function validateBody(armType: string, body: unknown): Violation[] {
  const schema = load().bodies.get(armType.toLowerCase());
  if (!schema) return [];
  const violations: Violation[] = [];
  if (!isMap(body)) return [invalid("body", "a JSON object is wanted")];
  checkObject(withKnown(schema.envelope, answeredByArm), body, "", violations);
  const properties = body.properties;
  if ("properties" in schema.properties) {
    if (properties === undefined ? hasRequired(schema.properties) : true)
      checkObject(schema.properties, properties ?? {}, "properties", violations);
  } else if (properties === undefined) violations.push(missing("properties"));
  else checkShape(schema.properties, properties, "properties", violations);
  return violations;
}

function withKnown(shape: ObjectShape, known: ReadonlySet<string>): ObjectShape {
  return { ...shape, readOnly: [...(shape.readOnly ?? []), ...known] };
}

function hasRequired(shape: ObjectShape): boolean {
  return Object.values(shape.properties).some(({ required }) => required);
}

function checkObject(shape: ObjectShape, value: unknown, path: string, violations: Violation[]): void {
  if (!isMap(value)) return void violations.push(invalid(path, `an object is wanted, not ${describe(value)}`));
  for (const [key, item] of Object.entries(value)) {
    const at = path ? `${path}.${key}` : key;
    const property = shape.properties[key];
    if (property) {
      if (item !== null) checkShape(property.shape, item, at, violations);
    } else if (!shape.readOnly?.includes(key)) {
      violations.push({
        code: "InvalidRequestContent",
        target: at,
        message: `Could not find member '${key}' on object of this type. Path '${at}'.`,
      });
    }
  }
  for (const [key, property] of Object.entries(shape.properties)) {
    const at = path ? `${path}.${key}` : key;
    if (property.required && (value[key] === undefined || value[key] === null)) violations.push(missing(at));
  }
}

function checkShape(shape: Shape, value: unknown, path: string, violations: Violation[]): void {
  const wrong = (wanted: string) => void violations.push(invalid(path, `${wanted} is wanted, not ${describe(value)}`));
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
      return value.forEach((item, index) => checkShape(shape.of, item, `${path}[${index}]`, violations));
    case "map":
      if (!isMap(value)) return wrong("an object");
      for (const [key, item] of Object.entries(value))
        if (item !== null) checkShape(shape.of, item, `${path}.${key}`, violations);
      return;
    case "object": {
      const object = load().schemas.objects[shape.name];
      if (object) checkObject(object, value, path, violations);
      return;
    }
    case "union":
      checkUnion(shape.names, value, path, violations);
  }
}

/** Picks the object by the property whose literal value differs between them. */
function checkUnion(names: readonly string[], value: unknown, path: string, violations: Violation[]): void {
  if (!isMap(value)) return void violations.push(invalid(path, `an object is wanted, not ${describe(value)}`));
  const objects = names.flatMap((name) => load().schemas.objects[name] ?? []);
  const literals = (object: ObjectShape) =>
    Object.entries(object.properties).flatMap(([key, { shape }]) =>
      shape.kind === "literal" ? [[key, shape.value] as const] : [],
    );
  const discriminator = literals(objects[0] ?? { properties: {} })[0]?.[0];
  if (!discriminator) return;
  const given = value[discriminator];
  const legal = objects.map((object) => literals(object).find(([key]) => key === discriminator)?.[1] ?? "");
  const index = legal.indexOf(String(given));
  const at = `${path}.${discriminator}`;
  if (given === undefined) violations.push(missing(at));
  else if (index < 0)
    violations.push(
      invalid(at, `one of ${legal.map((item) => `'${item}'`).join(", ")} is wanted, not ${describe(given)}`),
    );
  else checkObject(objects[index], value, path, violations);
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

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Names that stand at the top of an SDK resource's inputs: those of the envelope and, where flattened, of `properties`. */
export function bodySchemaKeys(armType: string): ReadonlySet<string> {
  const schema = load().bodies.get(armType.toLowerCase());
  if (!schema) return new Set();
  const inner = "properties" in schema.properties ? Object.keys(schema.properties.properties) : [];
  return new Set([...Object.keys(schema.envelope.properties), ...inner]);
}
