import type { Plan } from "../plan";
import type { Subject } from "./condition";
import { fieldOf, type Currents, type Declared } from "./fields";
import type { Rule } from "./rules";
import { Untold } from "./untold";

/** A declared resource as a rule's condition sees it. */
export function subjectOf(
  resource: Declared,
  { parameter }: Pick<Rule, "parameter">,
  plan: Plan,
  currents: Currents = new Map(),
): Subject {
  const { groupId, subscriptionId, config, location } = plan;
  const isOwnGroup = config.existing.resourceGroupId === undefined;
  return {
    parameter,
    field: (name) => fieldOf(resource, name, groupId, currents),
    current: (name) => {
      const [, innermost] = [...currents].at(-1) ?? [];
      const found = name === undefined ? innermost : currents.get(name.toLowerCase());
      if (found !== undefined) return found;
      const isPart = [...currents.keys()].some((list) => name?.toLowerCase().startsWith(`${list}.`));
      return isPart
        ? fieldOf(resource, name ?? "", groupId, currents)
        : new Untold(`there is no current ${name ?? ""}`);
    },
    requestContext: resource.apiVersion === undefined ? {} : { apiVersion: resource.apiVersion },
    resourceGroup: {
      id: groupId,
      name: groupId.split("/").at(-1),
      ...(isOwnGroup && { location }),
    },
    subscription: { id: `/subscriptions/${subscriptionId}`, subscriptionId },
    withCurrent: (name, element) =>
      subjectOf(resource, { parameter }, plan, new Map([...currents, [name.toLowerCase(), element]])),
  };
}
