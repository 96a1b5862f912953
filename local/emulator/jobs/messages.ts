import type { TrainingSettings } from "../../trainer";

/** What a trial's process is told at its start. */
export interface TrialOrder {
  workspaceId: string;
  runId: string;
  /** ARM ids of data versions. Without validation data a share of the training data validates. */
  trainingData: string;
  validationData?: string;
  validationShare: number;
  labelColumn: string;
  settings: TrainingSettings;
}

/** What a trial's process says. */
export type TrialMessage =
  | { kind: "alive" }
  | { kind: "epoch"; epoch: number; metric?: number }
  /** The training is over; what it has made is uploaded. */
  | { kind: "finalizing" }
  | { kind: "done"; metric: number; epoch: number }
  | { kind: "failed"; reason: string };

/** The answer to an epoch's message. */
export type EpochAnswer = "continue" | "stop";
