import { isFigure, isRepeated, type Candidate, type DecisionRecord, type Judgement } from "../../lib/promotion";
import type { JobCandidates } from "./jobCandidates";
import type { ModelVersion } from "../../lib/promotion";

/** @param champion the version that served when it was decided */
export function recordOf(judgement: Judgement, champion: ModelVersion | undefined, at: string): DecisionRecord {
  const { candidate, outcome, reason } = judgement;
  return {
    at,
    outcome: outcome === "champion" ? "promoted" : outcome,
    ...subjectOf(candidate),
    champion: champion?.version ?? null,
    championValue: champion?.value ?? null,
    reason,
  };
}

/** The record of a job that had no candidate. */
export function recordOfNone(
  job: string,
  reason: string,
  dataVersion: string,
  champion: ModelVersion | undefined,
  at: string,
): DecisionRecord {
  const figures = { champion: champion?.version ?? null, championValue: champion?.value ?? null };
  return { at, outcome: "held", job, trial: null, value: null, dataVersion, ...figures, reason };
}

/**
 * The record of a promotion, from its version's tags: so it is complete also when the process was killed after the
 * promotion and before it was recorded.
 */
export function recordOfPromotion(
  candidate: Candidate,
  { version, tags, promotedAt = "" }: ModelVersion,
): DecisionRecord {
  return {
    at: promotedAt,
    outcome: "promoted",
    ...subjectOf(candidate),
    champion: null,
    championValue: null,
    reason: tags.decision ?? `promoted as version ${version}`,
  };
}

function subjectOf({ job, trial, metric, data }: Candidate) {
  return { job, trial, value: isFigure(metric) ? metric : null, dataVersion: data.version };
}

/** Longest tag value that every MLflow server takes. */
const longestValue = 500;

/**
 * Writes a decision onto the run that it is about: the candidate's, or the job's own when the job had no candidate. A
 * decision that the run has already is not written again, so that its time stays that of the first.
 */
export async function recordOnRun(jobs: JobCandidates, modelName: string, decision: DecisionRecord): Promise<void> {
  const run = await jobs.run(decision.trial ?? decision.job);
  if (!run) return;
  const key = `promotion.${modelName}`;
  const tag = { ...decision, reason: shortened(decision) };
  const recorded = parsed(run.tags[key]);
  // A champion's promotion is told again from its version, in fewer words.
  const stands = isRepeated(tag, recorded) || (tag.champion === null && recorded?.outcome === "promoted");
  if (!stands) await jobs.tag(run.runId, key, JSON.stringify(slim(tag)));
}

/** Without what the run itself says. */
function slim({ at, outcome, value, dataVersion, champion, championValue, reason }: DecisionRecord) {
  return { at, outcome, value, dataVersion, champion, championValue, reason };
}

function shortened(decision: DecisionRecord): string {
  const room = longestValue - JSON.stringify(slim({ ...decision, reason: "" })).length;
  const fits = (reason: string) => JSON.stringify(reason).length - 2 <= room;
  let reason = decision.reason;
  while (!fits(reason)) reason = `${reason.slice(0, -2)}…`;
  return reason;
}

function parsed(text: string | undefined): Partial<DecisionRecord> | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Partial<DecisionRecord>);
  } catch {
    // Somebody else's tag of that name; it is replaced.
    return undefined;
  }
}
