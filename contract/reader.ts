import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { platformSchema, schemaVersion, type Platform } from "./schema";

/** A document that this reader cannot take: the message says what is wrong with it and what to do. */
export class ContractError extends Error {
  override readonly name = "ContractError";
  /** Pulumi shows errors with this field by their message alone. */
  readonly __pulumiRunError = true;
}

/** Name of the stack output. */
export const outputName = "platform";

const packageName = "@azure-ml-object-detection/contract";

/**
 * Reads what a platform stack tells other teams, and checks it.
 * @param source the stack, for Pulumi programs; else the document as it is in the stack's output or in its blob: parsed, or as JSON text
 * @throws ContractError when it is no such document, or one of another major version; inside the output for a stack
 */
export function readPlatform(source: pulumi.StackReference): pulumi.Output<Platform>;
export function readPlatform(source: unknown): Platform;
export function readPlatform(source: unknown): Platform | pulumi.Output<Platform> {
  if (!isStackReference(source)) return check(parsed(source), "the document");
  return pulumiOutput(source);
}

function pulumiOutput(stack: pulumi.StackReference): pulumi.Output<Platform> {
  const both = stack.getOutput(outputName) as pulumi.Output<unknown>;
  return both.apply((document) => {
    if (document !== undefined && document !== null) return check(document, `output "${outputName}" of the stack`);
    throw new ContractError(
      `The referenced stack has no output "${outputName}". Check the name of the stack (ORG/PROJECT/STACK), and that "pulumi up" has run there.`,
    );
  });
}

/** By what it can do: the consumer may have another copy of @pulumi/pulumi. */
function isStackReference(source: unknown): source is pulumi.StackReference {
  return typeof source === "object" && source !== null && "getOutput" in source && "requireOutput" in source;
}

function parsed(source: unknown): unknown {
  if (typeof source !== "string") return source;
  try {
    return JSON.parse(source);
  } catch (error) {
    throw new ContractError(`The document is no JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

function check(document: unknown, what: string): Platform {
  checkVersion(document, what);
  const result = platformSchema.safeParse(document);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `  - ${z.core.toDotPath(issue.path)}: ${issue.message}`);
  const next = `Compare it with platform.schema.json of ${packageName}, and run "pulumi up" on the platform stack.`;
  throw new ContractError(
    [`${capital(what)} is not what version ${schemaVersion} of the contract says:`, ...problems, next].join("\n"),
  );
}

function checkVersion(document: unknown, what: string): void {
  const version = (document as { schemaVersion?: unknown } | null | undefined)?.schemaVersion;
  const [, major] = /^(\d+)\.\d+$/.exec(typeof version === "string" ? version : "") ?? [];
  if (major === undefined) {
    const given = version === undefined ? "has no schemaVersion" : `has the schemaVersion ${JSON.stringify(version)}`;
    throw new ContractError(
      `${capital(what)} ${given}; a platform's begins with {"schemaVersion": "MAJOR.MINOR"}. Is it the output "${outputName}" of a platform stack?`,
    );
  }
  const own = majorOf(schemaVersion);
  if (Number(major) === own) return;
  const next =
    Number(major) > own
      ? `Install version ${major} of ${packageName}`
      : `Update the platform stack, or install version ${major} of ${packageName}`;
  throw new ContractError(
    `${capital(what)} has the schemaVersion "${String(version)}", and this reader knows ${own}.x. ${next}.`,
  );
}

export function majorOf(version: string): number {
  return Number(version.split(".")[0]);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
