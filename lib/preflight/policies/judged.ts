import type { PolicyExemption } from "../azureReader";
import type { Plan } from "../plan";
import type { Assigned } from "./assigned";
import { verdictOf, type Reason } from "./condition";
import { exemptionOf } from "./exemptions";
import { fieldOf, isIndexed, nameOf, typeOf, type Declared } from "./fields";
import type { Rule } from "./rules";
import { isInReach } from "./selectors";
import { subjectOf } from "./subject";
import { Untold } from "./untold";

/** What a rule means for a resource: it is met, or met but exempt, or neither, or that cannot be told. */
export type Judgement =
  { met: true; because: Reason[]; exemption?: PolicyExemption } | { met: false } | { met: undefined; why: string };

/** Whether a rule that is assigned holds for a resource that the stack declares. */
export function judge(
  assigned: Assigned,
  rule: Rule,
  resource: Declared,
  plan: Plan,
  exemptions: readonly PolicyExemption[],
): Judgement {
  const untold = (why: string): Judgement => ({ met: undefined, why });
  if (/^indexed$/i.test(rule.mode) && !isIndexed(resource)) return { met: false };
  if (!/^(all|indexed)$/i.test(rule.mode)) return untold(`rules of the mode ${rule.mode} are not understood here`);
  const { assignment, reference } = assigned;
  const { enforcementMode = "Default", resourceSelectors = [] } = assignment.properties;
  const isReached = isInReach(resourceSelectors, { resource, reference });
  if (isReached === false) return { met: false };
  const verdict = verdictOf(rule.condition, subjectOf(resource, rule, plan));
  if (verdict.holds === false) return { met: false };
  const exemption = exemptionFor(assigned, resource, plan, exemptions);
  if (exemption && !(exemption instanceof Untold))
    return verdict.holds ? { met: true, because: verdict.because, exemption } : { met: false };
  if (verdict.holds === undefined) return untold(verdict.why);
  if (exemption) return untold(exemption.why);
  if (isReached instanceof Untold) return untold(isReached.why);
  if (!/^default$/i.test(enforcementMode))
    return untold(`the enforcement mode ${enforcementMode} is not understood here`);
  return { met: true, because: verdict.because };
}

/** What spares a resource from an assignment. */
export function exemptionFor(
  { assignment, reference }: Assigned,
  resource: Declared,
  plan: Plan,
  exemptions: readonly PolicyExemption[],
): PolicyExemption | Untold | undefined {
  return exemptionOf(exemptions, { id: idOf(resource, plan), resource, assignment, reference }, Date.now());
}

/** The resource's own, or the group's where its name is not known yet. */
function idOf(resource: Declared, { groupId }: Plan): string {
  const id = fieldOf(resource, "id", groupId);
  return typeof id === "string" ? id : groupId;
}

/** For people. */
export function titleOf(resource: Declared): string {
  const name = nameOf(resource);
  return `${typeOf(resource) ?? resource.token} ${typeof name === "string" ? name : resource.name}`;
}
