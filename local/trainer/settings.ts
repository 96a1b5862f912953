import type { TrainingSettings } from "./types";

/** What a trial really runs with. */
export interface Hyperparameters {
  architecture: Architecture;
  numberOfEpochs: number;
  /** The rate of the local network's steps, see {@link localRate}. */
  learningRate: number;
  scheduler: "warmup_cosine" | "step" | "none";
  optimizer: "sgd" | "adam" | "adamw";
  momentum: number;
  weightDecay: number;
  batchSize: number;
  evaluationFrequency: number;
  earlyStopping: boolean;
  earlyStoppingPatience: number;
  earlyStoppingDelay: number;
  boxScoreThreshold: number;
  nmsIouThreshold: number;
  validationIouThreshold: number;
  seed: number;
}

export interface Architecture {
  /** Side of the square that pictures are brought to, in pixels; a multiple of 8. */
  inputSize: number;
  /** Channels at stride 4 and at stride 8. */
  widths: [number, number];
  /** Residual blocks at stride 8. */
  blocks: number;
}

const yoloWidths: Record<string, [number, number]> = {
  none: [32, 48],
  small: [24, 32],
  medium: [32, 48],
  large: [40, 64],
  extra_large: [48, 80],
};

/** Residual blocks of the R-CNN stand-ins, by the depth in the model's name. */
const rcnnBlocks: Record<string, number> = { "18": 1, "34": 2, "50": 2, "101": 3, "152": 4 };

/**
 * The local stand-in for a model of the service. Sides are about 15 % of the service's, which keeps the objects of the
 * sample larger than a cell: image_size 640 is 96 pixels, min_size 600 is 88, 800 is 120.
 */
export function resolveSettings(given: TrainingSettings): Hyperparameters {
  const optimizer = oneOf(given.optimizer, ["sgd", "adam", "adamw"] as const) ?? "adamw";
  return {
    architecture: architectureOf(given),
    numberOfEpochs: given.numberOfEpochs ?? 20,
    learningRate: localRate(given.learningRate ?? defaultRate, optimizer),
    scheduler: oneOf(given.learningRateScheduler, ["warmup_cosine", "step", "none"] as const) ?? "warmup_cosine",
    optimizer,
    momentum: given.momentum ?? 0.9,
    weightDecay: given.weightDecay ?? 1e-4,
    batchSize: given.trainingBatchSize ?? 4,
    evaluationFrequency: given.evaluationFrequency ?? 1,
    earlyStopping: given.earlyStopping ?? true,
    earlyStoppingPatience: given.earlyStoppingPatience ?? 5,
    earlyStoppingDelay: given.earlyStoppingDelay ?? 5,
    boxScoreThreshold: given.boxScoreThreshold ?? 0.3,
    nmsIouThreshold: given.nmsIouThreshold ?? 0.5,
    validationIouThreshold: given.validationIouThreshold ?? 0.5,
    seed: given.randomSeed ?? 1,
  };
}

/** Rate of a trial that names none, in the service's terms. */
const defaultRate = 0.004;
/** Rates that people sweep at the service, and what their ends become for Adam. */
const [lowestRate, highestRate] = [1e-4, 1e-2];
const [lowestLocalRate, highestLocalRate] = [1.5e-3, 4e-3];
/** A step of SGD is in proportion to the gradient, and so needs a larger factor than Adam's. */
const sgdFactor = 3;

/**
 * The local rate for one of the service. The service tunes a trained network in many thousand steps, and a rate may lie
 * anywhere in two decades; a local network begins at chance and has a few hundred, for which the useful rates span less
 * than one. So those two decades are compressed into the useful range. A rate outside them keeps its distance: one that
 * learns nothing at the service learns nothing here, and one that diverges there diverges here.
 */
export function localRate(rate: number, optimizer: Hyperparameters["optimizer"]): number {
  const within = Math.min(highestRate, Math.max(lowestRate, rate));
  const exponent = Math.log(highestLocalRate / lowestLocalRate) / Math.log(highestRate / lowestRate);
  const local = lowestLocalRate * (within / lowestRate) ** exponent * (rate / within);
  return optimizer === "sgd" ? sgdFactor * local : local;
}

function architectureOf({ modelName, modelSize, imageSize, minSize }: TrainingSettings): Architecture {
  const depth = /resnet(\d+)/.exec(modelName)?.[1];
  const side = depth === undefined ? (imageSize ?? 640) : (minSize ?? 600);
  return {
    inputSize: Math.min(160, Math.max(64, Math.round((side * 0.15) / 8) * 8)),
    widths: depth === undefined ? (yoloWidths[plainName(modelSize ?? "medium")] ?? yoloWidths.medium) : [28, 36],
    blocks: depth === undefined ? 1 : (rcnnBlocks[depth] ?? 2),
  };
}

function oneOf<T extends string>(value: string | undefined, legal: readonly T[]): T | undefined {
  return legal.find((candidate) => candidate === plainName(value ?? ""));
}

/** The service writes enumerations in Pascal case in one place and in lower case in another. */
function plainName(value: string): string {
  return value.replace(/([a-z])([A-Z])/g, "$1_$2").toLowerCase();
}
