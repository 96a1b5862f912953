import { RunningAverage, copyOf } from "./average";
import { tensorflow } from "./backend";
import { detectWith } from "./detector";
import { evaluate } from "./evaluation";
import { initialWeights, type Weights } from "./model";
import { Optimizer, scheduledRate } from "./optimizer";
import { decodePicture } from "./pictures";
import { seededRandom, type Random } from "./random";
import { resolveSettings, type Hyperparameters } from "./settings";
import { lossAndGradients, type Decoded, type Losses } from "./step";
import type { Detection, EpochReport, Example, TrainedModel, TrainingSettings, Validation } from "./types";
import { encodeModel } from "./weightsFile";

export interface TrainingInput {
  training: readonly Example[];
  validation: readonly Example[];
  settings: TrainingSettings;
  /** Called before each batch: the training goes on. */
  onStep?: () => void;
  /** Called after each epoch; "stop" ends the training, and what was best so far is kept. */
  onEpoch(report: EpochReport): Promise<"continue" | "stop">;
}

/** Boxes below this score do not enter the validation: their share in the average precision is nil. */
const lowestValidatedScore = 0.02;
/** Loss for each object from which a training is lost: a fresh network has about 10. */
const divergedLoss = 10_000;

/**
 * Trains a detector and keeps the weights of its best epoch. The same input gives the same weights.
 * @throws Error when there is nothing to train on, an image cannot be read, or the training diverges
 */
export async function train(input: TrainingInput): Promise<TrainedModel> {
  const { training, validation, settings } = input;
  const labels = [...new Set(training.flatMap(({ boxes }) => boxes.map(({ label }) => label)))].sort();
  if (labels.length === 0) throw new Error("The training data has no box: nothing can be learnt from it.");
  await tensorflow();
  const hyper = resolveSettings(settings);
  const { architecture } = hyper;
  const trainingSet = await decodeAll(training, "training", architecture.inputSize);
  const validationSet = await decodeAll(validation, "validation", architecture.inputSize);

  const random = seededRandom(hyper.seed);
  const weights = initialWeights(architecture, labels.length, random);
  const average = new RunningAverage(weights);
  const optimizer = new Optimizer(hyper);
  let best: (Validated & { epoch: number; weights: Weights }) | undefined;
  for (let epoch = 1; epoch <= hyper.numberOfEpochs; epoch++) {
    const losses = runEpoch(trainingSet, labels, weights, average, optimizer, hyper, epoch, random, input.onStep);
    if (!losses) throw new Error(divergence(epoch, settings));
    const report: EpochReport = { epoch, trainingLoss: losses.total, losses };
    if (epoch % hyper.evaluationFrequency === 0 || epoch === hyper.numberOfEpochs) {
      const validated = validate(validationSet, average.weights, labels, hyper);
      report.validation = validated.validation;
      if (!best || report.validation.meanAveragePrecision > best.validation.meanAveragePrecision) {
        best = { epoch, ...validated, weights: copyOf(average.weights) };
      }
    }
    const stagnant =
      hyper.earlyStopping &&
      best !== undefined &&
      epoch > hyper.earlyStoppingDelay &&
      epoch - best.epoch >= hyper.earlyStoppingPatience * hyper.evaluationFrequency;
    if ((await input.onEpoch(report)) === "stop" || stagnant) break;
  }
  best ??= { epoch: 0, ...validate(validationSet, average.weights, labels, hyper), weights: average.weights };
  const { boxScoreThreshold, nmsIouThreshold } = hyper;
  const file = encodeModel(
    { modelName: settings.modelName, labels, architecture, boxScoreThreshold, nmsIouThreshold },
    best.weights,
  );
  return {
    weights: file,
    labels,
    bestEpoch: best.epoch,
    best: best.validation,
    validationDetections: best.detections,
  };
}

/** All pictures are kept in memory, at the network's size: some 30 kB each. */
function decodeAll(examples: readonly Example[], part: string, side: number): Promise<Decoded[]> {
  return Promise.all(
    examples.map(async ({ image, boxes }, index) => {
      try {
        return { pixels: await decodePicture(image, side), boxes };
      } catch (error) {
        throw new Error(`Image ${index + 1} of the ${part} data: ${(error as Error).message}`, { cause: error });
      }
    }),
  );
}

function divergence(epoch: number, { learningRate }: TrainingSettings): string {
  const rate = learningRate === undefined ? "" : `, here ${learningRate}`;
  return `The training diverged in epoch ${epoch}: its loss is no longer a usable number. Lower learning_rate${rate}; from 0.0001 to 0.01 is usual.`;
}

/** Mean losses of an epoch; undefined when the training diverged in it. */
function runEpoch(
  examples: readonly Decoded[],
  labels: readonly string[],
  weights: Weights,
  average: RunningAverage,
  optimizer: Optimizer,
  hyper: Hyperparameters,
  epoch: number,
  random: Random,
  onStep: () => void = () => {},
): Losses | undefined {
  const order = random.shuffled(examples);
  const steps = Math.ceil(order.length / hyper.batchSize);
  const means: Losses = { total: 0, heatmap: 0, class: 0, size: 0, offset: 0 };
  for (let step = 0; step < steps; step++) {
    onStep();
    const batch = order.slice(step * hyper.batchSize, (step + 1) * hyper.batchSize);
    const progress = (epoch - 1 + step / steps) / hyper.numberOfEpochs;
    const { losses, gradients } = lossAndGradients(batch, labels, weights, hyper.architecture, random);
    const slope = optimizer.apply(weights, gradients, scheduledRate(hyper, progress));
    if (!Number.isFinite(slope) || !(losses.total < divergedLoss)) return undefined;
    for (const part of Object.keys(means) as (keyof Losses)[]) means[part] += losses[part] / steps;
    average.follow(weights);
  }
  return means;
}

interface Validated {
  validation: Validation;
  detections: Detection[][];
}

function validate(
  examples: readonly Decoded[],
  weights: Weights,
  labels: readonly string[],
  hyper: Hyperparameters,
): Validated {
  const detections = detectWith(
    examples.map(({ pixels }) => pixels),
    weights,
    hyper.architecture,
    labels,
    lowestValidatedScore,
    hyper.nmsIouThreshold,
  );
  const pictures = examples.map(({ boxes }, index) => ({ truth: boxes, detections: detections[index] ?? [] }));
  return { validation: evaluate(pictures, labels, hyper.validationIouThreshold, hyper.boxScoreThreshold), detections };
}
