import type { Detection } from "../../trainer";

/** What a deployment's process is started with. */
export interface DeploymentArguments {
  modelFile: string;
  boxScoreThreshold?: number;
  nmsIouThreshold?: number;
}

export interface ScoreRequest {
  id: number;
  /** Base64 of encoded pictures. */
  images: string[];
}

export type ScoreAnswer =
  | { id: number; detections: Detection[][] }
  /** `index` is set when one of the pictures is the cause. */
  | { id: number; error: string; index?: number };

export type DeploymentMessage = { ready: true } | { failed: string } | ScoreAnswer;
