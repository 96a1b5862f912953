import type { KeptIssue } from "../github/issues";
import type { Digest } from "./digest";
import { code, fitted } from "./markdown";
import { messages } from "./messages";
import { changesOf, endangered, others } from "./resources";
import { redact, secretsOf, withoutSecrets } from "./secrets";
import { longestComment } from "./comment";

export interface DriftReport extends KeptIssue {
  /** Whether something is not as it was declared, or could not be compared. */
  differs: boolean;
}

/** What a preview after a refresh would put right, as an issue. */
export function driftReport(preview: Digest, stack: string, environment: NodeJS.ProcessEnv): DriftReport {
  const secrets = secretsOf(preview, environment);
  const digest = withoutSecrets(preview, secrets);
  const changes = changesOf(digest.steps);
  const errors = messages(digest).filter(({ title }) => title === "Errors");
  const differs = changes.length > 0 || errors.length > 0;
  const marker = `<!-- azure-ml-object-detection drift: ${stack.replace(/[^\w./-]/g, "")} -->`;
  const what = differs
    ? `${changes.length} ${changes.length === 1 ? "resource is" : "resources are"} not as ${code(stack)} declares them.`
    : `All is as ${code(stack)} declares it.`;
  const next =
    "Somebody has changed them by hand, or what was merged has not been deployed. `pulumi up --refresh` puts back what is declared; " +
    "what should stay belongs into the configuration.";
  const summary = [marker, what, ...(differs ? ["", next] : [])];
  const [first = "", ...rest] = fitted(
    summary,
    [...errors, ...endangered(changes), ...others(changes)],
    longestComment,
  ).split("\n");
  return {
    differs,
    label: "drift",
    title: `Drift of ${stack}`,
    body: [first, redact(rest.join("\n"), secrets)].join("\n"),
  };
}
