import { ArmError, type Cloud, type ResourceRecord } from "../contracts";
import { rootManagementGroup } from "./ids";

const authorization = "Microsoft.Authorization";
/** Filters of each type's lists. */
const filters: Readonly<Record<string, readonly string[]>> = {
  [`${authorization}/policyAssignments`]: ["atScope()", "atExactScope()"],
  [`${authorization}/policyExemptions`]: ["atScope()", "atExactScope()", "excludeExpired()", "policyAssignmentId eq"],
  [`${authorization}/policyDefinitions`]: ["atExactScope()"],
  [`${authorization}/policySetDefinitions`]: ["atExactScope()"],
};

/** Whether lists of the type have what comes from above, too. */
export function isInherited(type: string): boolean {
  return type in filters;
}

/**
 * The policy assignments, exemptions or definitions that a scope has, with those that it inherits from above:
 * https://learn.microsoft.com/rest/api/policyauthorization/policy-assignments/list
 * @param filter `atScope()` leaves out those of what lies below; the types have others of their own
 */
export function inheritedAt(scope: string, type: string, filter: string | undefined, cloud: Cloud): ResourceRecord[] {
  const { resources, tenantId } = cloud;
  const [, wanted = "", value = ""] = /^(\w+\(\)|\w+ eq)(?: '([^']*)')?$/.exec(filter?.trim() ?? "") ?? [];
  const known = filters[type] ?? [];
  if (filter !== undefined && !known.some((one) => one.toLowerCase() === wanted.toLowerCase()))
    throw new ArmError(
      400,
      "InvalidFilterInQueryString",
      `Invalid $filter '${filter}' specified in the query string: ${known.join(" and ")} are known here.`,
      "$filter",
    );
  const at = (id: string) => resources.list(id, type);
  if (/^atExactScope/i.test(wanted)) return at(scope);
  const root = rootManagementGroup(tenantId);
  const isRoot = scope.toLowerCase() === root.toLowerCase();
  const above = isRoot ? [] : [root, ...ancestorsOf(scope)];
  const below = () => resources.below(scope).filter((record) => record.type === type);
  const found = [...above.flatMap(at), ...(/^atScope/i.test(wanted) || isRoot ? at(scope) : below())];
  return found.filter(({ properties }) => {
    const { expiresOn, policyAssignmentId = "" } = properties as { expiresOn?: string; policyAssignmentId?: string };
    if (/^excludeExpired/i.test(wanted)) return expiresOn === undefined || new Date(expiresOn) > cloud.now();
    return !/ eq$/i.test(wanted) || policyAssignmentId.toLowerCase() === value.toLowerCase();
  });
}

/** The subscription of a resource group, and both of what lies in it. */
function ancestorsOf(scope: string): string[] {
  const [subscription = "", group = ""] =
    /^(\/subscriptions\/[^/]+)(\/resourceGroups\/[^/]+)?/i.exec(scope)?.slice(1) ?? [];
  return [subscription, subscription + group].filter((id, index, all) => id !== scope && all.indexOf(id) === index);
}
