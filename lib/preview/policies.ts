import { z } from "zod";
import { UserError } from "../errors";
import { typeAndName } from "./digest";
import { code, plain, type Section } from "./markdown";
import { shortType } from "./resources";

const event = z.looseObject({
  policyLoadEvent: z.looseObject({}).optional(),
  policyEvent: z
    .looseObject({
      resourceUrn: z.string().default(""),
      message: z.string(),
      policyName: z.string(),
      enforcementLevel: z.string(),
    })
    .optional(),
});

/** A rule of a policy pack that a resource does not keep to. */
export interface PolicyViolation {
  policy: string;
  level: string;
  urn: string;
  message: string;
}

/**
 * What the policy packs of a preview found, which its JSON document leaves out.
 * @param log what `pulumi preview --event-log FILE` wrote
 * @returns undefined when no pack was there
 */
export function parsePolicies(log: string): PolicyViolation[] | undefined {
  const events = log
    .split("\n")
    .filter((line) => /"policy(Load)?Event"/.test(line))
    .map(parseEvent);
  if (!events.some(({ policyLoadEvent }) => policyLoadEvent)) return undefined;
  const found = events.flatMap(({ policyEvent }): PolicyViolation[] => {
    if (!policyEvent) return [];
    const { policyName: policy, enforcementLevel: level, resourceUrn: urn, message } = policyEvent;
    return [{ policy, level, urn, message: wordsOf(message) }];
  });
  return found.sort((a, b) => order(a).localeCompare(order(b)));
}

function parseEvent(line: string) {
  try {
    return event.parse(JSON.parse(line));
  } catch {
    throw new UserError(
      `The event log has a line that the engine does not write: ${JSON.stringify(line.slice(0, 60))}. Give the file of: pulumi preview --event-log FILE`,
    );
  }
}

/** Without the rule's description, which is the first line, and the marks for colors. */
function wordsOf(message: string): string {
  const lines = message
    .replace(/<\{%[^%]*%\}>/g, "")
    .trim()
    .split("\n");
  return (lines.length > 1 ? lines.slice(1) : lines).join(" ");
}

/** The engine works on several resources at once, so that it tells of them in another order each time. */
function order({ level, policy, urn, message }: PolicyViolation): string {
  return [level === "mandatory" ? "0" : "1", policy, urn, message].join("\0");
}

export function policySection(policies: readonly PolicyViolation[] | undefined): Section[] {
  if (!policies || policies.length === 0) return [];
  const lines = policies.map(({ policy, level, urn, message }) => {
    const { type, name } = typeAndName(urn);
    const where = name ? ` on ${code(name)} (${plain(shortType(type))})` : "";
    return `- **${plain(level)}** ${code(policy)}${where}: ${plain(message)}`;
  });
  return [{ title: "Policies", lines }];
}

/** One sentence for the summary. */
export function policyLine(policies: readonly PolicyViolation[] | undefined): string {
  if (!policies) return "Policies were not checked.";
  if (policies.length === 0) return "All policies are kept.";
  const stopping = policies.filter(({ level }) => level === "mandatory").length;
  const others = policies.length - stopping;
  const parts = [stopping > 0 ? `${stopping} mandatory` : "", others > 0 ? `${others} advisory` : ""].filter(Boolean);
  const what = `**Policy violations: ${parts.join(", ")}**`;
  return stopping > 0 ? `${what}; \`up\` will refuse.` : `${what}.`;
}
