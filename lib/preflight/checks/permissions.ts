import { plannedActions, registryActions, type PlannedAction } from "../actions";
import type { AzureReader, Permission } from "../azureReader";
import type { Finding } from "../finding";
import type { Plan } from "../plan";

/** What the identity that asks would need for `up`, and does not have. */
export async function checkPermissions(plan: Plan, azure: AzureReader): Promise<Finding[]> {
  const { groupId, subscriptionId } = plan;
  const subscription = `/subscriptions/${subscriptionId}`;
  const above = await azure.permissions(subscription);
  const group = (await azure.hasGroup(groupId)) ? await azure.permissions(groupId) : undefined;
  const missing = new Map<string, string[]>();
  const registryId = plan.config.model.registry?.id ?? "";
  for (const action of registryActions(plan.config)) {
    if (!isPermitted(await azure.permissions(registryId), action))
      missing.set(registryId, [...(missing.get(registryId) ?? []), action]);
  }
  for (const { action, ofSubscription } of plannedActions(plan)) {
    const [scope, permissions] = group && !ofSubscription ? [groupId, group] : [subscription, above];
    if (!isPermitted(permissions, action)) missing.set(scope, [...(missing.get(scope) ?? []), action]);
  }
  return [...missing].flatMap(([scope, actions]) => byNamespace(actions).map((group) => finding(scope, group)));
}

function finding(scope: string, actions: readonly string[]): Finding {
  return {
    severity: "error",
    what: `The identity may not do what "up" does: ${actions.join(", ")}`,
    evidence: `${scope}/providers/Microsoft.Authorization/permissions lets it not`,
    next: `Assign a role with ${actions.length === 1 ? "this action" : "these actions"} at ${scope}: ${roleFor(actions)}. Or run the check as the identity that deploys.`,
  };
}

/** The least of the built-in ones, by what an action looks like. */
const roles: readonly [RegExp, string][] = [
  [/^Microsoft\.Authorization\//, "Role Based Access Control Administrator"],
  [/\/purge\/action$/, "Key Vault Contributor"],
  [/\/registries\/assets\//, "AzureML Registry User"],
];

function roleFor(actions: readonly PlannedAction["action"][]): string {
  return roles.find(([pattern]) => actions.some((action) => pattern.test(action)))?.[1] ?? "Contributor";
}

function byNamespace(actions: readonly string[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const action of actions) {
    const namespace = action.split("/")[0] ?? "";
    groups.set(namespace, [...(groups.get(namespace) ?? []), action]);
  }
  return [...groups.values()];
}

/** Roles add up, and what one excludes another may give. */
export function isPermitted(permissions: readonly Permission[], action: string): boolean {
  return permissions.some(
    ({ actions = [], notActions = [] }) =>
      actions.some((pattern) => covers(pattern, action)) && !notActions.some((pattern) => covers(pattern, action)),
  );
}

/** `*` stands for any text: https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions-format */
function covers(pattern: string, action: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "i").test(action);
}
