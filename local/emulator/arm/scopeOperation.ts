import { ArmError, type ActionAnswer, type Principal } from "../contracts";

/** An operation of Resource Manager beside PUT, GET, PATCH and DELETE of resources and the actions on them. */
export interface ScopeOperation {
  method: "GET" | "POST" | "PUT";
  /** Compared without case; `{name}` stands for a segment, `{scope}` at the beginning for any id. */
  path: string;
  apiVersions: readonly string[];
  /** What the caller must be allowed to do at the scope. */
  permission?: string;
  /** That scope, with names of the path. @default all before the last "/providers/" */
  scope?: string;
  /** What Azure does and this cloud does not, for the table of docs/local.md. */
  gap?: string;
  answer(request: ScopeRequest): ActionAnswer | Promise<ActionAnswer>;
}

export interface ScopeRequest {
  path: string;
  /** What the names of the path stand for. */
  params: Record<string, string>;
  query: Record<string, string>;
  body: unknown;
  principal: Principal;
}

export interface MatchedOperation {
  operation: ScopeOperation;
  params: Record<string, string>;
}

/** The operations by their paths. */
export class ScopeOperations {
  private readonly compiled: { expression: RegExp; operation: ScopeOperation }[];

  constructor(readonly all: readonly ScopeOperation[]) {
    this.compiled = all.map((operation) => ({ operation, expression: expressionOf(operation.path) }));
  }

  /** @throws ArmError 405 when the path is known, and not with this method */
  match(method: string, path: string): MatchedOperation | undefined {
    const candidates = this.compiled.flatMap(({ operation, expression }) => {
      const match = expression.exec(path);
      return match ? [{ operation, params: decoded(match.groups ?? {}) }] : [];
    });
    return candidates.find(({ operation }) => operation.method === method);
  }
}

function expressionOf(path: string): RegExp {
  const source = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    name === "scope" ? "(?<scope>/subscriptions/.+?|)" : `(?<${name}>[^/]+)`,
  );
  return new RegExp(`^${source}/?$`, "i");
}

function decoded(groups: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, value = ""]) => [name, decodeURIComponent(value)]));
}

/** @throws ArmError 400 in the words of Resource Manager for what is no resource type */
export function checkOperationVersion(known: readonly string[], apiVersion: string | undefined): void {
  if (!apiVersion) throw missingApiVersion();
  if (known.includes(apiVersion)) return;
  throw new ArmError(
    400,
    "InvalidApiVersionParameter",
    `The api-version '${apiVersion}' is invalid. The supported versions are '${known.join(",")}'.`,
    "api-version",
  );
}

export function missingApiVersion(): ArmError {
  return new ArmError(
    400,
    "MissingApiVersionParameter",
    "The api-version query parameter (?api-version=) is required for all requests.",
  );
}

/** The id that an operation's permission is asked for. */
export function scopeOf({ operation: { scope }, params }: MatchedOperation, path: string): string {
  if (scope !== undefined) return scope.replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? "");
  return path.replace(/\/providers\/(?!.*\/providers\/).*$/i, "").replace(/\/$/, "");
}
