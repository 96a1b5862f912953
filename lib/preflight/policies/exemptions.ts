import type { PolicyAssignment, PolicyExemption } from "../azureReader";
import { isEqual } from "./comparison";
import type { Declared } from "./fields";
import { isInReach } from "./selectors";
import { Untold } from "./untold";

/** What is to be exempt. */
export interface Exempted {
  /** ARM id of the resource, or of the group that it will lie in. */
  id: string;
  resource: Declared;
  assignment: PolicyAssignment;
  /** Member of the assigned initiative. */
  reference: string | undefined;
}

const suffix = /\/providers\/Microsoft\.Authorization\/policyExemptions\/[^/]+$/i;

/**
 * The exemption that spares a resource now; one that cannot be told is no more than a perhaps.
 * https://learn.microsoft.com/azure/governance/policy/concepts/exemption-structure
 * @param exemptions all that hold for the resource group or something in it
 */
export function exemptionOf(
  exemptions: readonly PolicyExemption[],
  { id, resource, assignment, reference }: Exempted,
  now: number,
): PolicyExemption | Untold | undefined {
  const found = exemptions
    .filter(({ properties }) => isEqual(properties.policyAssignmentId, assignment.id))
    .filter(({ properties: { expiresOn } }) => expiresOn === undefined || Date.parse(expiresOn) > now)
    .filter(({ properties: { policyDefinitionReferenceIds: members = [] } }) =>
      members.length === 0 ? true : members.some((one) => isEqual(one, reference)),
    )
    .filter((exemption) => isOver(exemption.id.replace(suffix, ""), id))
    .map((exemption) => {
      const isReached = isInReach(exemption.properties.resourceSelectors ?? [], { resource, reference });
      if (isReached instanceof Untold) return isReached;
      return isReached ? exemption : undefined;
    });
  return found.find((one) => one !== undefined && !(one instanceof Untold)) ?? found.find((one) => one !== undefined);
}

/** Those of management groups are listed only where they are above. */
export function isOver(scope: string, id: string): boolean {
  return /^\/providers\/Microsoft\.Management\//i.test(scope) || isWithin(id, scope);
}

export function isWithin(id: string, scope: string): boolean {
  return `${id}/`.toLowerCase().startsWith(`${scope}/`.toLowerCase());
}
