import type { Detection } from "../../trainer";

/** What a deployment's process is started with. */
export interface DeploymentArguments {
  modelFile: string;
  boxScoreThreshold?: number;
  nmsIouThreshold?: number;
}

/** What a replica is told to do wrong, for a test. */
export interface Disturbance {
  /** Status that the model answers instead of boxes. */
  status?: number;
  /** How long it takes before it begins. */
  slowMs?: number;
}

export interface ScoreRequest extends Disturbance {
  id: number;
  /** Base64 of encoded pictures. */
  images: string[];
}

export type ScoreAnswer =
  | { id: number; detections: Detection[][] }
  /** `index` is set when one of the pictures is the cause. */
  | { id: number; error: string; index?: number; status?: number };

export type DeploymentMessage = { ready: true } | { failed: string } | ScoreAnswer;
