import { dataText, isFigure, sameData, type Candidate, type DataVersion } from "./candidates";
import { distinctFigures, roundedFigure } from "./figures";
import { judge, type Champion, type GateRules, type Verdict } from "./gate";

/** What becomes of a candidate. At most one is promoted, and at most one is pending. */
export interface Judgement {
  candidate: Candidate;
  /** "champion": it serves already. "pending": it passes, and waits for its approval. */
  outcome: "promoted" | "pending" | "held" | "champion";
  reason: string;
}

export interface Contest {
  champion: Champion | undefined;
  /** The stack's validation data. */
  data: DataVersion;
  rules: GateRules;
  isApproved: (candidate: Candidate) => boolean;
}

/**
 * Chooses among the candidates of all jobs. The best of those that pass is promoted; one that a person approved goes before
 * those that pass by themselves. A candidate that waits for its approval has to pass against the champion of that moment.
 */
export function decide(candidates: readonly Candidate[], contest: Contest): Judgement[] {
  const entries = candidates.map((candidate) => ({ candidate, ...verdictOn(candidate, candidates, contest) }));
  const isWanted = ({ candidate, outcome }: (typeof entries)[number]) =>
    outcome === "needsApproval" && contest.isApproved(candidate);
  const winner = best(entries.filter(isWanted)) ?? best(entries.filter(({ outcome }) => outcome === "passes"));
  const champion = winner ? championToBe(winner.candidate) : contest.champion;
  const waiting = entries
    .filter((entry) => entry !== winner && entry.outcome === "needsApproval")
    .map(({ candidate }) => ({ candidate, ...judge(candidate, champion, contest.rules) }))
    .filter(({ outcome }) => outcome === "needsApproval");
  const pending = best(waiting);

  return entries.map((entry): Judgement => {
    const { candidate, outcome, reason } = entry;
    const as = (what: Judgement["outcome"], why = reason): Judgement => ({
      candidate,
      outcome: what,
      reason: candidate.note ? `${why} (${candidate.note})` : why,
    });
    if (outcome === "held" || outcome === "champion") return as(outcome);
    if (entry === winner) return as("promoted", isWanted(entry) ? `approved: ${reason}` : reason);
    if (pending?.candidate === candidate) return as("pending", pending.reason);
    const isWaiting = waiting.some((other) => other.candidate === candidate);
    const ahead = (isWaiting ? pending : winner)?.candidate;
    return as("held", ahead ? `would pass, and ${behind(candidate, ahead)}` : reason);
  });
}

/** The judgement that stands for all: the one that changed something, else the nearest to that. */
export function foremost(judgements: readonly Judgement[]): Judgement | undefined {
  const outcomes = ["promoted", "pending", "champion", "held"];
  return outcomes.map((wanted) => best(judgements.filter(({ outcome }) => outcome === wanted))).find(Boolean);
}

function verdictOn(candidate: Candidate, candidates: readonly Candidate[], contest: Contest): Verdict {
  const { champion, rules, isApproved } = contest;
  const common = commonData(candidates, contest.data);
  // What a person approved may be older than the data of this moment; it is compared with the champion only.
  const comparable = (common && sameData(candidate.data, common)) || isApproved(candidate);
  if (comparable || champion?.trial === candidate.trial || !isFigure(candidate.metric))
    return judge(candidate, champion, rules);
  const stack = dataText(contest.data);
  return {
    outcome: "held",
    reason: `${roundedFigure(candidate.metric)} was measured on validation data ${dataText(candidate.data)}, and the stack's is ${stack}: the figures cannot be compared`,
  };
}

/** The stack's data, or that of all candidates where the jobs bring their own and agree on it. */
function commonData(candidates: readonly Candidate[], stack: DataVersion): DataVersion | undefined {
  if (candidates.some(({ data }) => sameData(data, stack))) return stack;
  const [first, ...others] = candidates;
  return first && others.every(({ data }) => sameData(data, first.data)) ? first.data : undefined;
}

/** By metric; of equal ones the first. */
function best<T extends { candidate: Candidate }>(entries: readonly T[]): T | undefined {
  const metricOf = ({ candidate: { metric } }: T) => (isFigure(metric) ? metric : -Infinity);
  return entries.reduce<T | undefined>((top, next) => (!top || metricOf(next) > metricOf(top) ? next : top), undefined);
}

function championToBe({ metric, data, trial }: Candidate): Champion {
  return { version: null, metric, data, trial };
}

function behind(candidate: Candidate, ahead: Candidate): string {
  const [own, other] = distinctFigures(Number(candidate.metric), Number(ahead.metric));
  return `${ahead.trial} goes before it: ${own} against ${other}`;
}
