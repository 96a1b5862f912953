/** One decision about one candidate, with its numbers. */
export interface DecisionRecord {
  /** ISO time. */
  at: string;
  outcome: "promoted" | "pending" | "held";
  job: string;
  /** Run that trained the candidate; null when the job had none to offer. */
  trial: string | null;
  value: number | null;
  dataVersion: string;
  /** Version that served when it was decided, and its figure; null when there was none. */
  champion: string | null;
  championValue: number | null;
  reason: string;
}

export const mostDecisions = 50;

/** Puts new decisions before the old ones. One that says the same as the last about its candidate is no new one. */
export function appendDecisions(
  known: readonly DecisionRecord[],
  decisions: readonly DecisionRecord[],
): DecisionRecord[] {
  return decisions
    .reduce<DecisionRecord[]>(
      (list, decision) =>
        isRepeated(
          decision,
          list.find((other) => sameSubject(other, decision)),
        )
          ? list
          : [decision, ...list],
      [...known],
    )
    .slice(0, mostDecisions);
}

/** Whether a decision says what is recorded already, whenever that was. */
export function isRepeated(decision: DecisionRecord, recorded: Partial<DecisionRecord> | undefined): boolean {
  return recorded?.outcome === decision.outcome && recorded.reason === decision.reason;
}

function sameSubject(a: DecisionRecord, b: DecisionRecord): boolean {
  return a.job === b.job && a.trial === b.trial;
}
