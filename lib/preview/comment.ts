import type { PriceList } from "../prices/list";
import { standingCosts } from "./costs";
import type { Digest } from "./digest";
import { lastDecision } from "./lastDecision";
import { code, fitted, plain, type Section } from "./markdown";
import { messages } from "./messages";
import { policyLine, policySection, type PolicyViolation } from "./policies";
import { changesOf, endangered, others, type Kind } from "./resources";
import { redact, secretsOf, withoutSecrets } from "./secrets";
import { training } from "./training";

export interface CommentContext {
  stack: string;
  prices: PriceList;
  /** Differences to the released contract, a line each. */
  contract: readonly string[];
  /** What the policy packs found; undefined where there was none. */
  policies: readonly PolicyViolation[] | undefined;
  /** Whose secrets never appear. */
  environment: NodeJS.ProcessEnv;
}

/** Bytes of a comment: GitHub takes 65,536 characters. */
export const longestComment = 60_000;

/** By which the comment of a stack is found again. */
export function markerOf(stack: string): string {
  return `<!-- azure-ml-object-detection preview: ${stack.replace(/[^\w./-]/g, "")} -->`;
}

/** A preview as one comment in Markdown: what is dangerous first, values only where they explain a training. */
export async function commentOf(preview: Digest, context: CommentContext): Promise<string> {
  const { stack, prices, contract, environment } = context;
  const secrets = secretsOf(preview, environment);
  // Before anything is written: the marks of Markdown would hide a secret from its own text.
  const digest = withoutSecrets(preview, secrets);
  const policies = context.policies?.map(({ urn, message, ...rest }) => ({
    ...rest,
    urn: redact(urn, secrets),
    message: redact(message, secrets),
  }));
  const changes = changesOf(digest.steps);
  const [jobs, costs] = [await training(digest.steps, prices), await standingCosts(digest.steps, prices)];
  const said = messages(digest);
  const count = (kind: Kind) => changes.filter((change) => change.kind === kind).length;
  const figures = (["replaced", "deleted", "created", "updated", "imported"] as const)
    .filter((kind) => count(kind) > 0)
    .map((kind) => `${count(kind)} ${kind}`);
  const unchanged = digest.changeSummary.same ?? 0;
  const what =
    figures.length > 0
      ? `**${figures.join(", ")}**, ${unchanged} unchanged`
      : `**No changes**: all ${unchanged} resources are as declared`;
  const sections: Section[] = [
    ...policySection(policies),
    ...said.filter(({ title }) => title === "Errors"),
    ...endangered(changes),
    ...jobs,
    ...costs,
    ...lines(
      "Contract with other teams",
      contract.map((line) => `- ${plain(line)}`),
    ),
    ...said.filter(({ title }) => title !== "Errors"),
    ...lastDecision(digest),
    ...others(changes),
  ];
  const summary = [
    markerOf(stack),
    `### Preview of ${code(stack)}`,
    "",
    `${what}.`,
    [policyLine(policies), trainingLine(jobs), contractLine(contract)].join(" "),
    ...(prices.problem === undefined ? [] : [`Azure's price list could not be read (${plain(prices.problem)}).`]),
  ];
  const text = fitted(summary, sections, longestComment);
  const [marker = "", ...rest] = text.split("\n");
  return [marker, redact(rest.join("\n"), secrets)].join("\n");
}

function trainingLine(jobs: readonly Section[]): string {
  const count = jobs[0]?.lines.filter((line) => line.startsWith("- ")).length ?? 0;
  return count === 0 ? "Nothing is trained." : `${count} ${count === 1 ? "job is" : "jobs are"} trained.`;
}

function contractLine(contract: readonly string[]): string {
  return contract.length === 0
    ? "The contract with other teams is as released."
    : "The contract with other teams changes.";
}

function lines(title: string, content: readonly string[]): Section[] {
  return content.length > 0 ? [{ title, lines: content }] : [];
}
