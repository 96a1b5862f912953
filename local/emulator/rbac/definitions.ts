import { apiVersionsOf } from "../arm/apiVersions";
import { paged } from "../arm/pages";
import type { ScopeOperation, ScopeRequest } from "../arm/scopeOperation";
import { ArmError, type Cloud } from "../contracts";
import { assignmentType } from "./access";
import { isWithin } from "./permissions";
import { builtInRoles, roleOf, type Role } from "./roles";

const apiVersions = [
  "2015-07-01",
  "2018-01-01-preview",
  "2022-05-01-preview",
  ...apiVersionsOf(assignmentType, "2022-04-01"),
];
const provider = "{scope}/providers/Microsoft.Authorization";

/** Role definitions, role assignments of a scope, and what the caller may do there. */
export function authorizationOperations(cloud: Cloud): ScopeOperation[] {
  return [
    {
      method: "GET",
      path: `${provider}/roleDefinitions`,
      apiVersions,
      gap: "the built-in roles of local/emulator/rbac/roles.ts, no custom ones",
      answer: ({ path, query }) => ({
        status: 200,
        body: paged(
          filteredRoles(query.$filter).map((role) => definitionOf(role, cloud)),
          path,
          query,
          cloud.url,
        ),
      }),
    },
    {
      method: "GET",
      path: `${provider}/roleDefinitions/{id}`,
      apiVersions,
      gap: "the built-in roles of local/emulator/rbac/roles.ts, no custom ones",
      answer({ params: { id = "" } }) {
        const role = roleOf(id);
        if (role) return { status: 200, body: definitionOf(role, cloud) };
        throw new ArmError(
          404,
          "RoleDefinitionDoesNotExist",
          `The specified role definition with ID '${id}' does not exist.`,
        );
      },
    },
    {
      method: "GET",
      path: `${provider}/roleAssignments`,
      apiVersions,
      permission: `${assignmentType}/read`,
      answer: (request) => ({ status: 200, body: assignments(request, cloud) }),
    },
    {
      method: "GET",
      path: `${provider}/permissions`,
      apiVersions,
      answer: ({ params: { scope = "" }, principal }) => ({
        status: 200,
        body: { value: cloud.access.rolesOf(principal, scope).map(permissionOf) },
      }),
    },
  ];
}

function permissionOf({ actions = [], notActions = [], dataActions = [] }: Role) {
  return { actions, notActions, dataActions, notDataActions: [] };
}

function definitionOf(role: Role, { subscriptionId }: Cloud): Record<string, unknown> {
  return {
    id: `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${role.id}`,
    name: role.id,
    type: "Microsoft.Authorization/roleDefinitions",
    properties: {
      roleName: role.name,
      type: "BuiltInRole",
      description: role.description,
      assignableScopes: ["/"],
      permissions: [permissionOf(role)],
    },
  };
}

function filteredRoles(filter = ""): readonly Role[] {
  const [, name] = /roleName\s+eq\s+'([^']*)'/i.exec(filter) ?? [];
  const [, type] = /\btype\s+eq\s+'([^']*)'/i.exec(filter) ?? [];
  if (type?.toLowerCase() === "customrole") return [];
  return builtInRoles.filter((role) => name === undefined || role.name.toLowerCase() === name.toLowerCase());
}

/** Those at a scope, above and below it; `atScope()` leaves out those below. */
function assignments({ params: { scope = "" }, path, query }: ScopeRequest, cloud: Cloud) {
  const filter = query.$filter ?? "";
  const where = scope.toLowerCase();
  const [, principal] = /(?:principalId\s+eq\s+|assignedTo\(\s*)'([^']+)'/i.exec(filter) ?? [];
  const known = filter === "" || principal !== undefined || /^atScope\(\)$/i.test(filter.trim());
  if (!known)
    throw new ArmError(
      400,
      "UnsupportedFilter",
      `The filter '${filter}' is not supported: atScope(), principalId eq '{id}' and assignedTo('{id}') are.`,
      "$filter",
    );
  const found = cloud.resources.listAll(assignmentType).filter(({ properties }) => {
    const at = String(properties.scope).toLowerCase();
    const isThere = isWithin(where, at) || (!/atScope\(\)/i.test(filter) && isWithin(at, where));
    return isThere && (!principal || String(properties.principalId).toLowerCase() === principal.toLowerCase());
  });
  return paged(found, path, query, cloud.url);
}
