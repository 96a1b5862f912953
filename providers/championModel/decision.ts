import { UserError } from "../../lib/errors";
import { foremost, lastPromoted, roundedFigure, type Judgement } from "../../lib/promotion";
import type { ModelVersion } from "../../lib/promotion";
import type { PromotionDecision } from "./resource";

interface Findings {
  judgements: readonly Judgement[];
  /** Why jobs have no candidate. */
  without: readonly string[];
  /** The versions that were decided on. */
  versions: readonly ModelVersion[];
  /** The version that `model.rollbackTo` keeps as the champion. */
  target: ModelVersion | undefined;
  /** The version that waits for its approval. */
  pending: ModelVersion | undefined;
}

/** What a run of the gate comes to, in one sentence. */
export function decisionOf({ judgements, without, versions, target, pending }: Findings): PromotionDecision {
  const incumbent = lastPromoted(versions);
  const pendingVersion = pending?.version ?? null;
  if (target) {
    const promoted = target.version !== incumbent?.version;
    const change = promoted && incumbent ? ` in place of version ${named(incumbent)}` : "";
    const reason = `rolled back to version ${named(target)}${change}; it stays until model.rollbackTo is removed`;
    return { promoted, outcome: "rolledBack", reason, pendingVersion };
  }
  const top = foremost(judgements);
  const reason = [top?.reason ?? "there is no candidate", ...without].join("; ");
  const archived = incumbent && archivedSince(versions, incumbent);
  if (archived && top?.outcome !== "promoted") {
    return {
      promoted: true,
      outcome: top?.outcome === "pending" ? "pending" : "held",
      reason: `version ${archived.version} is archived, so version ${named(incumbent)} serves again; ${reason}`,
      pendingVersion,
    };
  }
  return { promoted: top?.outcome === "promoted", outcome: top?.outcome ?? "held", reason, pendingVersion };
}

/** A version that was promoted after the one that serves, and is archived now. */
export function archivedSince(
  versions: readonly ModelVersion[],
  { version: serving }: ModelVersion,
): ModelVersion | undefined {
  const last = lastPromoted(versions.map((version) => ({ ...version, archived: false })));
  return last && last.version !== serving
    ? versions.find(({ version, archived }) => version === last.version && archived)
    : undefined;
}

/** Without a champion there is nothing that the rest of the stack could serve. */
export function nothingServes(
  { reason, pendingVersion }: PromotionDecision,
  { jobs, minimumMetric }: { jobs: readonly string[]; minimumMetric: number },
): UserError {
  const what = `No model serves yet, and the gate promotes none: ${reason}. Jobs: ${jobs.join(", ")}.`;
  const nextStep =
    pendingVersion === null
      ? `Train longer or with more data, or lower the gate's rules (model.minimumMetric is ${minimumMetric}), and run "pulumi up" again.`
      : `Run "pulumi config set --path model.approved ${pendingVersion}", and "pulumi up" again.`;
  return new UserError(`${what} ${nextStep}`);
}

function named({ version, value }: ModelVersion): string {
  return `${version} (${value === null ? "no figure" : roundedFigure(value)})`;
}
