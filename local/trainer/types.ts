/** A box in shares of the image's width and height. */
export interface Box {
  topX: number;
  topY: number;
  bottomX: number;
  bottomY: number;
}

export interface GroundTruthBox extends Box {
  label: string;
  /** A crowd is neither learnt nor counted. */
  isCrowd?: boolean;
}

/** An encoded picture (JPEG, PNG) and what is on it. */
export interface Example {
  image: Uint8Array;
  boxes: readonly GroundTruthBox[];
}

export interface Detection extends Box {
  label: string;
  /** 0 to 1. */
  score: number;
}

/** Settings by the service's names; those that are absent get the local defaults of settings.ts. */
export interface TrainingSettings {
  modelName: string;
  modelSize?: string;
  numberOfEpochs?: number;
  learningRate?: number;
  learningRateScheduler?: string;
  optimizer?: string;
  momentum?: number;
  weightDecay?: number;
  trainingBatchSize?: number;
  imageSize?: number;
  minSize?: number;
  evaluationFrequency?: number;
  earlyStopping?: boolean;
  earlyStoppingPatience?: number;
  earlyStoppingDelay?: number;
  boxScoreThreshold?: number;
  nmsIouThreshold?: number;
  validationIouThreshold?: number;
  randomSeed?: number;
}

export interface LabelFigures {
  averagePrecision: number;
  precision: number;
  recall: number;
  /** Ground-truth boxes of the label. */
  count: number;
}

export interface Validation {
  /** Mean of the labels' average precision at the validation IoU (0.5 by default), VOC with the area under the whole curve. */
  meanAveragePrecision: number;
  /** Means over the labels at the threshold of {@link TrainingSettings.boxScoreThreshold}. */
  precision: number;
  recall: number;
  perLabel: Record<string, LabelFigures>;
}

export interface EpochReport {
  /** From 1. */
  epoch: number;
  trainingLoss: number;
  /** The loss and its parts: total, heatmap, class, size, offset. */
  losses: Record<string, number>;
  /** At epochs that evaluation_frequency names, and at the last. */
  validation?: Validation;
}

export interface TrainedModel {
  /** The file `outputs/model.pt`. */
  weights: Uint8Array;
  labels: string[];
  bestEpoch: number;
  best: Validation;
  /** What the best epoch's model found on each picture of the validation data, in its order. */
  validationDetections: Detection[][];
}
