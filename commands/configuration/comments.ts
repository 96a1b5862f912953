import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** What the source of the configuration says of a key, beside its schema. */
export interface KeyComment {
  description: string;
  /** Values of the tag `@example`. */
  example?: string;
  /** What is allowed, in the words of the schema's own error messages. */
  allowed: string[];
}

/** Methods of zod whose argument at this place tells people what is allowed. */
const messageArguments: Record<string, number> = {
  regex: 1,
  refine: 1,
  union: 1,
  guid: 0,
  text: 0,
  cidrv4: 0,
  email: 0,
  armId: 0,
};

/** The files with the schema of the configuration. */
export const configurationFiles = [
  "config.ts",
  "lib/environment/config.ts",
  "lib/labeling/config.ts",
  "lib/labeling/hostConfig.ts",
  "lib/promotion/config.ts",
  "lib/serving/config.ts",
  "lib/serving/batchConfig.ts",
].map((name) => join(__dirname, "..", "..", name));

/**
 * Reads the comments of the configuration, by the dotted path of the key.
 * @param files config.ts, and those that it takes parts of its schema from
 */
export function readComments(...files: string[]): Map<string, KeyComment> {
  const constants = new Map<string, ts.Expression>();
  for (const file of files) addConstants(file, constants);
  const found = new Map<string, KeyComment>();
  const root = constants.get("schema");
  if (!root) throw new Error(`${files.join(", ")}: no constant "schema"`);
  collect(root, "", constants, found);
  return found;
}

/** Schemas by the name of their constant, or of the function that makes them. */
function addConstants(file: string, constants: Map<string, ts.Expression>): void {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true);
  for (const statement of source.statements) {
    if (ts.isFunctionDeclaration(statement)) {
      const returned = statement.body?.statements.find(ts.isReturnStatement)?.expression;
      if (statement.name && returned) constants.set(statement.name.text, returned);
    }
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, initializer } of statement.declarationList.declarations)
      if (ts.isIdentifier(name) && initializer) constants.set(name.text, initializer);
  }
}

function collect(
  schema: ts.Expression,
  path: string,
  constants: ReadonlyMap<string, ts.Expression>,
  found: Map<string, KeyComment>,
): void {
  for (const property of fieldsOf(schema)?.properties ?? []) {
    if (!ts.isPropertyAssignment(property) || !ts.isIdentifier(property.name)) continue;
    const key = path ? `${path}.${property.name.text}` : property.name.text;
    const parts = chain(property.initializer, constants);
    found.set(key, { ...commentOf(property), allowed: parts.flatMap(messagesOf) });
    for (const part of parts) collect(part, key, constants, found);
  }
}

/** The object literal of `z.strictObject({...})`, under whatever methods follow it. */
function fieldsOf(schema: ts.Expression): ts.ObjectLiteralExpression | undefined {
  let node: ts.Expression = schema;
  while (ts.isCallExpression(node)) {
    const [argument] = node.arguments;
    const callee = node.expression;
    if (!ts.isPropertyAccessExpression(callee)) return undefined;
    if (callee.name.text === "strictObject" && argument && ts.isObjectLiteralExpression(argument)) return argument;
    node = callee.expression;
  }
  return undefined;
}

/** A schema, and the constant that it begins with. */
function chain(schema: ts.Expression, constants: ReadonlyMap<string, ts.Expression>): ts.Expression[] {
  let node: ts.Expression = schema;
  while (ts.isCallExpression(node) || ts.isPropertyAccessExpression(node)) node = node.expression;
  const constant = ts.isIdentifier(node) ? constants.get(node.text) : undefined;
  return constant && node !== schema ? [schema, ...chain(constant, constants)] : [schema];
}

/** Messages of the calls in a chain; those of objects inside it are about their own keys. */
function messagesOf(schema: ts.Expression): string[] {
  const messages: string[] = [];
  let node: ts.Expression = schema;
  while (ts.isCallExpression(node) || ts.isPropertyAccessExpression(node)) {
    if (ts.isCallExpression(node)) {
      const name = ts.isPropertyAccessExpression(node.expression)
        ? node.expression.name.text
        : node.expression.getText();
      const argument = node.arguments[messageArguments[name] ?? -1];
      if (argument && ts.isStringLiteralLike(argument)) messages.unshift(argument.text);
    }
    node = node.expression;
  }
  return messages;
}

function commentOf(property: ts.PropertyAssignment): Pick<KeyComment, "description" | "example"> {
  const [comment] = ts.getJSDocCommentsAndTags(property).filter(ts.isJSDoc);
  const words = (text: ts.JSDoc["comment"]) => (ts.getTextOfJSDocComment(text) ?? "").replace(/\s+/g, " ").trim();
  const example = comment?.tags?.find(({ tagName }) => tagName.text === "example");
  return { description: words(comment?.comment), ...(example ? { example: words(example.comment) } : {}) };
}
