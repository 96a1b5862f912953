import { ArmError, type Cloud, type ResourceRecord } from "../contracts";
import { rootManagementGroup } from "./ids";

export const policyAssignmentType = "Microsoft.Authorization/policyAssignments";

/**
 * The policy assignments that a scope has, with those that it inherits from above:
 * https://learn.microsoft.com/rest/api/policyauthorization/policy-assignments/list
 * @param filter `atScope()` leaves out those of what lies below
 */
export function policyAssignmentsAt(scope: string, filter: string | undefined, cloud: Cloud): ResourceRecord[] {
  if (filter !== undefined && filter.toLowerCase() !== "atscope()")
    throw new ArmError(400, "InvalidFilterInQueryString", `Invalid $filter '${filter}': atScope() is known here.`);
  const { resources, tenantId } = cloud;
  const at = (id: string) => resources.list(id, policyAssignmentType);
  const root = rootManagementGroup(tenantId);
  const isRoot = scope.toLowerCase() === root.toLowerCase();
  const above = isRoot ? [] : [root, ...ancestorsOf(scope)];
  const own = filter === undefined && !isRoot ? below(scope, cloud) : at(scope);
  return [...above.flatMap(at), ...own];
}

/** The subscription of a resource group, and both of what lies in it. */
function ancestorsOf(scope: string): string[] {
  const [subscription = "", group = ""] =
    /^(\/subscriptions\/[^/]+)(\/resourceGroups\/[^/]+)?/i.exec(scope)?.slice(1) ?? [];
  return [subscription, subscription + group].filter((id, index, all) => id !== scope && all.indexOf(id) === index);
}

function below(scope: string, { resources }: Cloud): ResourceRecord[] {
  return resources.below(scope).filter(({ type }) => type === policyAssignmentType);
}
