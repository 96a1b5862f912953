import { ArmError, type Cloud, type ResourceRecord } from "../contracts";
import { rootManagementGroup } from "./ids";

const assignmentType = "Microsoft.Authorization/policyAssignments";
const definitionTypes = ["policyDefinitions", "policySetDefinitions"].map((name) => `Microsoft.Authorization/${name}`);

/** Whether lists of the type have what comes from above, too. */
export function isInherited(type: string): boolean {
  return type === assignmentType || definitionTypes.includes(type);
}

/**
 * The policy assignments or definitions that a scope has, with those that it inherits from above:
 * https://learn.microsoft.com/rest/api/policyauthorization/policy-assignments/list
 * @param filter of assignments `atScope()`, which leaves out those of what lies below; of all `atExactScope()`
 */
export function inheritedAt(
  scope: string,
  type: string,
  filter: string | undefined,
  { resources, tenantId }: Cloud,
): ResourceRecord[] {
  const wanted = filter?.toLowerCase();
  const allowed = type === assignmentType ? ["atscope()", "atexactscope()"] : ["atexactscope()"];
  if (wanted !== undefined && !allowed.includes(wanted))
    throw new ArmError(
      400,
      "InvalidFilterInQueryString",
      `Invalid $filter '${filter}' specified in the query string: ${allowed.join(" and ")} are known here.`,
      "$filter",
    );
  const at = (id: string) => resources.list(id, type);
  if (wanted === "atexactscope()") return at(scope);
  const root = rootManagementGroup(tenantId);
  const isRoot = scope.toLowerCase() === root.toLowerCase();
  const above = isRoot ? [] : [root, ...ancestorsOf(scope)];
  const below = () => resources.below(scope).filter((record) => record.type === type);
  return [...above.flatMap(at), ...(wanted === undefined && !isRoot ? below() : at(scope))];
}

/** The subscription of a resource group, and both of what lies in it. */
function ancestorsOf(scope: string): string[] {
  const [subscription = "", group = ""] =
    /^(\/subscriptions\/[^/]+)(\/resourceGroups\/[^/]+)?/i.exec(scope)?.slice(1) ?? [];
  return [subscription, subscription + group].filter((id, index, all) => id !== scope && all.indexOf(id) === index);
}
