import type { DecisionRecord } from "../../promotion";

/** The values of one metric over a run. */
export interface Curve {
  steps: number[];
  values: number[];
}

/** What a job used and what that costs. */
export interface Use {
  nodes: number;
  nodeHours: number | null;
  vmSize: string | null;
  /** USD; null where no price of the size is known. */
  cost: number | null;
}

export interface Lineage {
  job: string;
  trainingData: string | null;
  validationData: string | null;
  gitCommit: string | null;
  specHash: string | null;
}

/** The gate's decision as it stands on the run. */
export type GateNote = Partial<DecisionRecord> & { model: string };

/** A run as the report shows it: a trial of a job, or a run on its own. */
export interface ReportRun {
  id: string;
  name: string;
  /** The version of a model that it is the champion of. */
  championOf?: string;
  status: string;
  /** Why it ended before its time, when it did. */
  stopped?: string;
  startTime?: number;
  endTime?: number;
  /** Last value of each metric. */
  metrics: Record<string, number>;
  /** What the run was started with, what a sweep chose for it among it. */
  params: Record<string, string>;
  curves: Record<string, Curve>;
  /** Best value of the primary metric, and the epoch that had it first. */
  best: { value: number; step: number | null } | null;
  perLabel: Record<string, number>;
  gate: GateNote[];
  use: Use;
  lineage: Lineage;
  /** Address of the run in the studio. */
  studioUrl?: string;
  /** ARM id of the data that it was measured on, and the column of its labels. */
  heldOut?: { dataId: string; labelColumn: string };
}

/** What was read for a report. */
export interface Collected {
  workspaceId: string;
  runs: ReportRun[];
  /** What could not be read or was left out, in sentences for people. */
  notes: string[];
}
