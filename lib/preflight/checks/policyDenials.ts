import type { PolicyExemption } from "../azureReader";
import type { Finding } from "../finding";
import type { Plan } from "../plan";
import type { Assigned } from "../policies/assigned";
import type { Reason } from "../policies/condition";
import type { Declared } from "../policies/fields";
import { judge, titleOf } from "../policies/judged";
import type { Rule } from "../policies/rules";

interface Met {
  resource: Declared;
  because: Reason[];
  exemption?: PolicyExemption;
}

interface Doubt {
  of: Assigned;
  rule: Rule;
  why: string;
}

/** What policies refuse of what the stack declares. */
export function denialsOf(
  assigned: readonly Assigned[],
  declared: readonly Declared[],
  plan: Plan,
  exemptions: readonly PolicyExemption[],
): Finding[] {
  const doubts: Doubt[] = [];
  const findings = denying(assigned).flatMap(({ of, rule }) => {
    const judged = declared.map((resource) => ({ resource, ...judge(of, rule, resource, plan, exemptions) }));
    const met = judged.flatMap((found): Met[] => (found.met ? [found] : []));
    const denied = met.filter(({ exemption }) => !exemption);
    const [why] = judged.flatMap((found) =>
      found.met === undefined ? [`${titleOf(found.resource)}: ${found.why}`] : [],
    );
    if (why !== undefined && denied.length === 0) doubts.push({ of, rule, why });
    return [...(denied.length > 0 ? [denial(of, rule, denied, plan)] : []), ...exempt(of, rule, met)];
  });
  return [...findings, ...doubted(doubts)];
}

/** Where the program itself cannot be run. */
export function undeclared(assigned: readonly Assigned[], why: string): Finding[] {
  return doubted(denying(assigned).map((one) => ({ ...one, why })));
}

function denying(assigned: readonly Assigned[]): { of: Assigned; rule: Rule }[] {
  return assigned.flatMap((of) => (of.rule && isDeny(of.rule) ? [{ of, rule: of.rule }] : []));
}

export function isDeny({ effect }: Rule): boolean {
  return effect.toLowerCase() === "deny";
}

function denial({ told, assignment }: Assigned, rule: Rule, denied: readonly Met[], plan: Plan): Finding {
  const reasons = denied[0]?.because ?? [];
  const facts = reasons.filter(({ field }) => !/^type$/i.test(field ?? ""));
  const evidence = (facts.length > 0 ? facts : reasons).map(({ text }) => text).join(" and ");
  const exempting = `az policy exemption create --name ${plan.names.resourceGroup} --policy-assignment ${assignment.id} --exemption-category Waiver --scope ${plan.groupId}`;
  const change = [...new Set(facts.flatMap(({ field = "" }) => adviceOn(field, plan)))];
  return {
    severity: "error",
    what: `The policy "${rule.title}" denies ${listOf(denied.map(({ resource }) => titleOf(resource)))}`,
    evidence: `${told}, effect ${rule.effect}: ${evidence}`,
    next: `${change.map((text) => `${text}, or `).join("")}${change.length > 0 ? "have" : "Have"} who assigned it exempt the resource group: ${exempting}`,
  };
}

/** Keys of the configuration by which a field is set. */
function adviceOn(field: string, { config }: Plan): string[] {
  if (/^location$/i.test(field)) return [`Set location (now "${config.location}") to a region that it allows`];
  if (/^tags/i.test(field)) return ['Add what it asks for to "tags"'];
  if (/\/(publicNetworkAccess|networkAcls)/i.test(field) && config.network.access === "public")
    return ['Set network.access (now "public") to "private"'];
  if (/storageAccounts\/sku/i.test(field))
    return [`Set protection.redundancy (now "${config.protection.redundancy}") to one that it allows`];
  if (/\/vmSize$/i.test(field)) return ["Choose another size"];
  return [];
}

function exempt({ told }: Assigned, rule: Rule, met: readonly Met[]): Finding[] {
  const byId = new Map(met.flatMap(({ exemption }) => (exemption ? [[exemption.id, exemption] as const] : [])));
  return [...byId.values()].map(({ id, name, properties }): Finding => {
    const { displayName = name, exemptionCategory, expiresOn } = properties;
    const spared = met.filter(({ exemption }) => exemption?.id === id).map(({ resource }) => titleOf(resource));
    return {
      severity: "note",
      what: `The policy "${rule.title}" would deny ${listOf(spared)}, and is exempted from`,
      evidence: `${told}; exemption "${displayName}" (${id}), ${exemptionCategory}`,
      next: expiresOn
        ? `Have it prolonged, or do what the policy asks for, before it expires on ${expiresOn.slice(0, 10)}.`
        : "Nothing: it does not expire.",
    };
  });
}

/** One finding for all of an assignment: an initiative may have hundreds. */
function doubted(doubts: readonly Doubt[]): Finding[] {
  const firsts = doubts.filter(
    ({ of }, index) => doubts.findIndex((other) => other.of.assignment === of.assignment) === index,
  );
  return firsts.map(({ of, why }): Finding => {
    const group = doubts.filter((other) => other.of.assignment === of.assignment);
    const titles = listOf(group.map(({ rule }) => `"${rule.title}"`));
    return {
      severity: "warning",
      what: `Whether ${titles} ${group.length === 1 ? "denies" : "deny"} what the stack declares cannot be told`,
      evidence: `${of.told}, effect Deny: ${why}`,
      next: `Read the rule (az rest --method get --url "${of.definitionId}?api-version=2025-01-01"), or ask who assigned it. "pulumi preview" does not ask Azure Policy; "up" does.`,
    };
  });
}

const most = 3;

function listOf(titles: readonly string[]): string {
  const rest = titles.length - most;
  return titles.slice(0, most).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
