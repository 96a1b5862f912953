/** An error stops `up`; a warning may; a note is worth to know. */
export type Severity = "error" | "warning" | "note";

/** What would go wrong on Azure today. */
export interface Finding {
  severity: Severity;
  /** What is wrong, with the property of the configuration where there is one. */
  what: string;
  /** What Azure answered, or where it is written. */
  evidence: string;
  /** What to do. */
  next: string;
}

export interface CheckedFinding extends Finding {
  /** Name of the check. */
  check: string;
}
