import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { idSets } from "../azureNative/convert";
import { armTypeOf, pathArguments, resourceTypes, type ResourceType } from "../resourceTypes";
import { flattenedObjects } from "./flattened";
import { limitsInBody, limitsInObject, type Limits } from "./limits";
import type { GeneratedSchemas, ObjectShape, Shape } from "./schema";

/**
 * Writes generated/schemas.json from the declarations of the installed @pulumi/azure-native, so that the local cloud
 * knows the same properties as the SDK. The declarations are read as syntax: checking them would take seconds and half a
 * gigabyte.
 */
const sdk = dirname(require.resolve("@pulumi/azure-native/package.json"));

type Interfaces = Map<string, ts.InterfaceDeclaration>;

/** Interfaces of types/input.d.ts or types/output.d.ts by `namespace.Name`. */
function readInterfaces(file: string, modules: ReadonlySet<string>): Interfaces {
  const found: Interfaces = new Map();
  const visit = (node: ts.Node, namespace: string) => {
    if (
      ts.isModuleDeclaration(node) &&
      node.body &&
      ts.isModuleBlock(node.body) &&
      (namespace || modules.has(node.name.text))
    ) {
      const inner = namespace ? `${namespace}.${node.name.text}` : node.name.text;
      for (const statement of node.body.statements) visit(statement, inner);
    }
    if (ts.isInterfaceDeclaration(node)) found.set(`${namespace}.${node.name.text}`, node);
  };
  for (const statement of parse(file).statements) visit(statement, "");
  return found;
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(join(sdk, file), "utf8"), ts.ScriptTarget.ES2020, false);
}

/** Values of the enumerations of a module. */
function readEnums(module: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const statement of parse(`types/enums/${module}/index.d.ts`).statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, type } of statement.declarationList.declarations) {
      if (!ts.isIdentifier(name) || !type || !ts.isTypeLiteralNode(type)) continue;
      const values = type.members.flatMap((member) =>
        ts.isPropertySignature(member) &&
        member.type &&
        ts.isLiteralTypeNode(member.type) &&
        ts.isStringLiteral(member.type.literal)
          ? [member.type.literal.text]
          : [],
      );
      found.set(name.text, values);
    }
  }
  return found;
}

/** Where the SDK has one name for enumerations of several services, and with the values of another one. */
const correctedEnums: Readonly<Record<string, readonly string[]>> = {
  "monitor.ConditionOperator": [
    "Equals",
    "GreaterThan",
    "GreaterThanOrEqual",
    "LessThan",
    "LessThanOrEqual",
    "GreaterOrLessThan",
  ],
};

class Generator {
  readonly schemas: GeneratedSchemas = { bodies: {}, objects: {} };
  private readonly modules = new Set(resourceTypes.map(({ token }) => token.split(":")[1] ?? ""));
  private readonly inputs = readInterfaces("types/input.d.ts", this.modules);
  private readonly outputs = readInterfaces("types/output.d.ts", this.modules);
  private readonly enums = new Map([...this.modules].map((module) => [module, enumsOf(module)]));

  add(type: ResourceType): void {
    const [, module = "", name = ""] = type.token.split(":");
    const file = parse(`${module}/${name.charAt(0).toLowerCase()}${name.slice(1)}.d.ts`);
    const args = file.statements.filter(ts.isInterfaceDeclaration).find((node) => node.name.text === `${name}Args`);
    const resource = file.statements.filter(ts.isClassDeclaration).find((node) => node.name?.text === name);
    if (!args || !resource) throw new Error(`${type.token}: no args or class in its declaration file`);
    const all = this.members(args.members);
    const answered = resource.members
      .filter(ts.isPropertyDeclaration)
      .map((member) => (member.name as ts.Identifier).text);
    const path = new Set(pathArguments(type));
    const inEnvelope = new Set([...(type.envelope ?? [])]);
    const pick = (test: (key: string) => boolean) =>
      Object.fromEntries(Object.entries(all).filter(([key]) => !path.has(key) && test(key)));
    const envelope = pick((key) => inEnvelope.has(key));
    const inner = pick((key) => !inEnvelope.has(key));
    const readOnly = answered.filter(
      (key) => !(key in all) && !["id", "name", "type", "systemData", "azureApiVersion", "urn"].includes(key),
    );
    const explicit = type.propertiesArgument ? all[type.propertiesArgument]?.shape : undefined;
    this.schemas.bodies[armTypeOf(type)] = {
      envelope: { properties: envelope },
      properties: explicit ?? { properties: inner, readOnly },
    };
    const renames = Object.entries(type.wireNames ?? {}).map(([path, name]) => ({ path: path.split("."), name }));
    // Deepest first: the others' paths have the SDK's names yet.
    for (const { path, name } of renames.sort((a, b) => b.path.length - a.path.length)) {
      this.rename(this.schemas.bodies[armTypeOf(type)].properties, path, name);
    }
  }

  /** Puts in what the SDK's types do not say: lengths, patterns, ranges. */
  addLimits(): void {
    for (const [armType, { envelope, properties }] of Object.entries(this.schemas.bodies)) {
      limit(envelope, (key) => limitsInBody(armType, key));
      if (!("kind" in properties)) limit(properties, (key) => limitsInBody(armType, `properties.${key}`));
    }
    for (const [name, shape] of Object.entries(this.schemas.objects)) limit(shape, (key) => limitsInObject(name, key));
  }

  private rename(from: ObjectShape | Shape, path: readonly string[], name: string): void {
    for (const shape of this.objectsOf(from)) this.renameIn(shape, path, name);
  }

  private renameIn(shape: ObjectShape, [key = "", ...rest]: readonly string[], name: string): void {
    const property = shape.properties[key];
    if (rest.length > 0) return this.rename(property.shape, rest, name);
    if (property) {
      shape.properties = Object.fromEntries(
        Object.entries(shape.properties).map(([known, value]) => [known === key ? name : known, value]),
      );
    } else if (shape.readOnly?.includes(key)) {
      shape.readOnly = shape.readOnly.map((known) => (known === key ? name : known));
    } else if (!(name in shape.properties)) throw new Error(`no property ${key} to rename to ${name}`);
  }

  private objectsOf(shape: ObjectShape | Shape): ObjectShape[] {
    if (!("kind" in shape)) return [shape];
    if (shape.kind === "list") return this.objectsOf(shape.of);
    const names = shape.kind === "object" ? [shape.name] : shape.kind === "union" ? shape.names : [];
    if (names.length === 0) throw new Error(`a ${shape.kind} has no properties to rename`);
    return names.map((name) => this.schemas.objects[name]);
  }

  private members(members: ts.NodeArray<ts.TypeElement>): ObjectShape["properties"] {
    const properties: ObjectShape["properties"] = {};
    for (const member of members) {
      if (!ts.isPropertySignature(member) || !member.type) continue;
      const required = member.questionToken ? {} : { required: true };
      const { text } = member.name as ts.Identifier | ts.StringLiteral;
      properties[text] = { shape: wireShape(text, this.shape(member.type)), ...required };
    }
    return properties;
  }

  private shape(node: ts.TypeNode): Shape {
    if (ts.isParenthesizedTypeNode(node)) return this.shape(node.type);
    if (ts.isArrayTypeNode(node)) return { kind: "list", of: this.shape(node.elementType) };
    if (ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal))
      return { kind: "literal", value: node.literal.text };
    if (ts.isTypeLiteralNode(node)) {
      const [index] = node.members;
      return {
        kind: "map",
        of: index && ts.isIndexSignatureDeclaration(index) ? this.shape(index.type) : { kind: "any" },
      };
    }
    if (ts.isUnionTypeNode(node))
      return this.union(node.types.map((type) => this.shape(type)).filter(({ kind }) => kind !== "any"));
    if (ts.isTypeReferenceNode(node)) return this.reference(node);
    switch (node.kind) {
      case ts.SyntaxKind.StringKeyword:
        return { kind: "string" };
      case ts.SyntaxKind.NumberKeyword:
        return { kind: "number" };
      case ts.SyntaxKind.BooleanKeyword:
        return { kind: "boolean" };
      default:
        return { kind: "any" };
    }
  }

  private reference(node: ts.TypeReferenceNode): Shape {
    const name = nameOf(node.typeName);
    if (name === "pulumi.Input" && node.typeArguments?.[0]) return this.shape(node.typeArguments[0]);
    if (name.startsWith("enums.")) {
      const [, module = "", ...rest] = name.split(".");
      const corrected = correctedEnums[`${module}.${rest.join(".")}`];
      return { kind: "enum", values: [...(corrected ?? this.enums.get(module)?.get(rest.join(".")) ?? [])] };
    }
    if (name.startsWith("inputs.")) return { kind: "object", name: this.object(name.slice("inputs.".length)) };
    return { kind: "any" };
  }

  private union(shapes: Shape[]): Shape {
    const named = shapes.find(({ kind }) => kind === "enum");
    if (named) return named;
    const objects = shapes.flatMap((shape) => (shape.kind === "object" ? [shape.name] : []));
    if (objects.length > 1) return { kind: "union", names: objects };
    return shapes[0] ?? { kind: "any" };
  }

  /** Adds an interface once, and answers its name. */
  private object(name: string): string {
    if (name in this.schemas.objects) return name;
    const declaration = this.inputs.get(name);
    if (!declaration) throw new Error(`types/input.d.ts has no ${name}`);
    const shape: ObjectShape = { properties: {} };
    this.schemas.objects[name] = shape;
    shape.properties = this.members(declaration.members);
    const answer = this.outputs.get(`${name.replace(/Args$/, "")}Response`);
    const readOnly = (answer?.members ?? [])
      .map((member) => (member.name as ts.Identifier | undefined)?.text ?? "")
      .filter((key) => key && !(key in shape.properties));
    if (readOnly.length > 0) shape.readOnly = readOnly;
    const outer = flattenedObjects[name];
    if (outer) this.nest(name, shape, outer);
    return name;
  }

  /** Puts what the SDK has flattened back into `properties`. */
  private nest(name: string, shape: ObjectShape, outer: readonly string[]): void {
    const pick = (test: (key: string) => boolean) =>
      Object.fromEntries(Object.entries(shape.properties).filter(([key]) => test(key)));
    const inner = `${name}.properties`;
    this.schemas.objects[inner] = { properties: pick((key) => !outer.includes(key)), readOnly: shape.readOnly };
    shape.properties = {
      ...pick((key) => outer.includes(key)),
      properties: { shape: { kind: "object", name: inner } },
    };
    shape.readOnly = ["etag"];
    shape.flattened = true;
  }
}

/** A set of ids is a list in the SDK, and in a body an object whose names are the ids. */
function wireShape(name: string, shape: Shape): Shape {
  const isSet = idSets.includes(name) && shape.kind === "list" && shape.of.kind === "string";
  return isSet ? { kind: "map", of: { kind: "any" } } : shape;
}

function limit({ properties }: ObjectShape, limitsOf: (key: string) => Limits | undefined): void {
  for (const [key, property] of Object.entries(properties)) {
    const limits = limitsOf(key);
    if (limits) property.limits = limits;
  }
}

function enumsOf(module: string): Map<string, string[]> {
  try {
    return readEnums(module);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return new Map();
    throw error;
  }
}

function nameOf(name: ts.EntityName): string {
  return ts.isIdentifier(name) ? name.text : `${nameOf(name.left)}.${name.right.text}`;
}

const generator = new Generator();
for (const type of resourceTypes) generator.add(type);
generator.addLimits();
const file = join(__dirname, "generated", "schemas.json");
const text = `${JSON.stringify(generator.schemas)}\n`;
if (process.argv.includes("--check")) {
  if (readFileSync(file, "utf8") !== text) {
    console.error(
      "local/schemas/generated/schemas.json is not what the installed SDK gives. Run: npm run generate:schemas",
    );
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, text);
  console.log(
    `${Object.keys(generator.schemas.bodies).length} resource types, ${Object.keys(generator.schemas.objects).length} objects, ${text.length} bytes`,
  );
}
