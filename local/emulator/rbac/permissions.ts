import { roleOf, type Role } from "./roles";

/** A role assignment as it is evaluated; `scope` and `principalId` in lower case. */
export interface Assignment {
  scope: string;
  principalId: string;
  role: Role;
}

export type ActionKind = "action" | "dataAction";

/** From the properties of a role assignment; undefined when its role is none that this cloud knows. */
export function assignmentOf(properties: Record<string, unknown>): Assignment | undefined {
  const role = roleOf(String(properties.roleDefinitionId));
  return (
    role && { role, scope: lower(properties.scope).replace(/\/$/, ""), principalId: lower(properties.principalId) }
  );
}

/** Whether one of the assignments lets the principal do it: roles add up, and reach what lies below their scope. */
export function isAllowed(
  assignments: readonly Assignment[],
  principalId: string,
  action: string,
  scope: string,
  kind: ActionKind = "action",
): boolean {
  const [who, where] = [principalId.toLowerCase(), scope.toLowerCase()];
  return assignments.some(
    (assignment) =>
      assignment.principalId === who && isWithin(where, assignment.scope) && permits(assignment.role, action, kind),
  );
}

/** Whether a scope is another or lies below it; both in lower case. "" is the root. */
export function isWithin(scope: string, outer: string): boolean {
  return scope === outer || scope.startsWith(`${outer}/`);
}

/** Whether a role has the permission: Owner has every action, and no data action. */
export function permits(role: Role, action: string, kind: ActionKind): boolean {
  if (kind === "dataAction") return matches(role.dataActions, action);
  return matches(role.actions, action) && !matches(role.notActions, action);
}

function matches(patterns: readonly string[] | undefined, action: string): boolean {
  return patterns?.some((pattern) => expression(pattern).test(action)) ?? false;
}

const expressions = new Map<string, RegExp>();

/** A wildcard between slashes also stands for nothing: a role for all below "computes" covers the computes themselves. */
function expression(pattern: string): RegExp {
  let found = expressions.get(pattern);
  if (!found) {
    const source = pattern
      .split("/*/")
      .map((part) => part.split("*").map(escaped).join(".*"))
      .join("/(?:.*/)?");
    expressions.set(pattern, (found = new RegExp(`^${source}$`, "i")));
  }
  return found;
}

function escaped(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
}

function lower(value: unknown): string {
  return typeof value === "string" ? value.toLowerCase() : "";
}
