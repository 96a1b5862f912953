import * as tf from "@tensorflow/tfjs-core";
import { tensorflow } from "./backend";
import { detectWith } from "./detector";
import { evaluate } from "./evaluation";
import { detectionLoss } from "./loss";
import { forward, initialWeights, inputBlock, stride, toTensors, type Weights } from "./model";
import { Optimizer, scheduledRate } from "./optimizer";
import { boxInView, decodePicture, randomView, writeInput, type Pixels } from "./pictures";
import { seededRandom, type Random } from "./random";
import { resolveSettings, type Architecture, type Hyperparameters } from "./settings";
import { addObject, emptyTargets } from "./targets";
import type { EpochReport, Example, GroundTruthBox, TrainedModel, TrainingSettings, Validation } from "./types";
import { encodeModel } from "./weightsFile";

export interface TrainingInput {
  training: readonly Example[];
  validation: readonly Example[];
  settings: TrainingSettings;
  /** Called after each epoch; "stop" ends the training, and what was best so far is kept. */
  onEpoch(report: EpochReport): Promise<"continue" | "stop">;
}

interface Decoded {
  pixels: Pixels;
  boxes: readonly GroundTruthBox[];
}

/** Boxes below this score do not enter the validation: their share in the average precision is nil. */
const lowestValidatedScore = 0.02;

/**
 * Trains a detector and keeps the weights of its best epoch. The same input gives the same weights.
 * @throws Error when there is nothing to train on.
 */
export async function train(input: TrainingInput): Promise<TrainedModel> {
  const { training, validation, settings } = input;
  const labels = [...new Set(training.flatMap(({ boxes }) => boxes.map(({ label }) => label)))].sort();
  if (labels.length === 0) throw new Error("The training data has no box: nothing can be learnt from it.");
  await tensorflow();
  const hyper = resolveSettings(settings);
  const { architecture } = hyper;
  const decode = (examples: readonly Example[]) =>
    Promise.all(
      examples.map(async ({ image, boxes }): Promise<Decoded> => ({
        pixels: await decodePicture(image, architecture.inputSize),
        boxes,
      })),
    );
  const [trainingSet, validationSet] = [await decode(training), await decode(validation)];

  const random = seededRandom(hyper.seed);
  const weights = initialWeights(architecture, labels.length, random);
  const average = new RunningAverage(weights);
  const optimizer = new Optimizer(hyper);
  let best: { epoch: number; validation: Validation; weights: Weights } | undefined;
  for (let epoch = 1; epoch <= hyper.numberOfEpochs; epoch++) {
    const losses = runEpoch(trainingSet, labels, weights, average, optimizer, hyper, epoch, random);
    const report: EpochReport = { epoch, trainingLoss: losses.total, losses };
    if (epoch % hyper.evaluationFrequency === 0 || epoch === hyper.numberOfEpochs) {
      report.validation = validate(validationSet, average.weights, labels, hyper);
      if (!best || report.validation.meanAveragePrecision > best.validation.meanAveragePrecision) {
        best = { epoch, validation: report.validation, weights: copy(average.weights) };
      }
    }
    const stagnant =
      hyper.earlyStopping &&
      best !== undefined &&
      epoch > hyper.earlyStoppingDelay &&
      epoch - best.epoch >= hyper.earlyStoppingPatience * hyper.evaluationFrequency;
    if ((await input.onEpoch(report)) === "stop" || stagnant) break;
  }
  best ??= { epoch: 0, validation: validate(validationSet, average.weights, labels, hyper), weights: average.weights };
  const { boxScoreThreshold, nmsIouThreshold } = hyper;
  const file = encodeModel(
    { modelName: settings.modelName, labels, architecture, boxScoreThreshold, nmsIouThreshold },
    best.weights,
  );
  return { weights: file, labels, bestEpoch: best.epoch, best: best.validation };
}

function runEpoch(
  examples: readonly Decoded[],
  labels: readonly string[],
  weights: Weights,
  average: RunningAverage,
  optimizer: Optimizer,
  hyper: Hyperparameters,
  epoch: number,
  random: Random,
): Record<string, number> {
  const order = random.shuffled(examples);
  const steps = Math.ceil(order.length / hyper.batchSize);
  const sums: Record<string, number> = { total: 0, heatmap: 0, size: 0, offset: 0 };
  for (let step = 0; step < steps; step++) {
    const batch = order.slice(step * hyper.batchSize, (step + 1) * hyper.batchSize);
    const progress = (epoch - 1 + step / steps) / hyper.numberOfEpochs;
    const losses = trainStep(
      batch,
      labels,
      weights,
      optimizer,
      hyper.architecture,
      scheduledRate(hyper, progress),
      random,
    );
    for (const [part, value] of Object.entries(losses)) sums[part] = sums[part] + value / steps;
    average.follow(weights);
  }
  return sums;
}

function trainStep(
  batch: readonly Decoded[],
  labels: readonly string[],
  weights: Weights,
  optimizer: Optimizer,
  { inputSize, blocks }: Architecture,
  learningRate: number,
  random: Random,
): Record<string, number> {
  const cells = inputSize / stride;
  const side = inputSize / inputBlock;
  const input = new Float32Array(batch.length * inputSize * inputSize * 3);
  const targets = emptyTargets(batch.length, cells, labels.length);
  batch.forEach(({ pixels, boxes }, index) => {
    const view = randomView(random);
    writeInput(input, index * inputSize * inputSize * 3, pixels, view);
    for (const box of boxes) {
      const seen = box.isCrowd ? undefined : boxInView(box, view);
      if (seen) addObject(targets, index, cells, labels.length, labels.indexOf(box.label), seen);
    }
  });

  const names = Object.keys(weights);
  const results = tf.tidy(() => {
    const x = tf.tensor4d(input, [batch.length, side, side, inputBlock * inputBlock * 3]);
    const shape = (channels: number): [number, number, number, number] => [batch.length, cells, cells, channels];
    const heatmap = tf.tensor4d(targets.heatmap, shape(labels.length));
    const boxes = tf.tensor4d(targets.boxes, shape(4));
    const weight = tf.tensor4d(targets.weight, shape(1));
    const tensors = toTensors(weights);
    let parts: Record<string, number> = {};
    const { value, grads } = tf.valueAndGrads((...given: tf.Tensor[]) => {
      const current = Object.fromEntries(names.map((name, index) => [name, given[index]]));
      const loss = detectionLoss(forward(x, current, blocks), heatmap, boxes, weight, labels.length, targets.objects);
      parts = { heatmap: scalar(loss.heat), size: scalar(loss.size), offset: scalar(loss.offset) };
      return loss.total;
    })(names.map((name) => tensors[name]));
    const gradients = Object.fromEntries(names.map((name, index) => [name, grads[index].dataSync() as Float32Array]));
    return { losses: { total: scalar(value), ...parts }, gradients };
  });
  optimizer.apply(weights, results.gradients, learningRate);
  return results.losses;
}

function validate(
  examples: readonly Decoded[],
  weights: Weights,
  labels: readonly string[],
  hyper: Hyperparameters,
): Validation {
  const detections = detectWith(
    examples.map(({ pixels }) => pixels),
    weights,
    hyper.architecture,
    labels,
    lowestValidatedScore,
    hyper.nmsIouThreshold,
  );
  const pictures = examples.map(({ boxes }, index) => ({ truth: boxes, detections: detections[index] ?? [] }));
  return evaluate(pictures, labels, hyper.validationIouThreshold, hyper.boxScoreThreshold);
}

/** Weights averaged over the last steps: they generalize better than those of any one step, and jump less between epochs. */
class RunningAverage {
  readonly weights: Weights;
  private steps = 0;

  constructor(initial: Weights) {
    this.weights = copy(initial);
  }

  follow(current: Weights): void {
    this.steps++;
    const keep = Math.min(0.96, (1 + this.steps) / (10 + this.steps));
    for (const [name, { values }] of Object.entries(this.weights)) {
      const target = current[name].values;
      for (let index = 0; index < values.length; index++)
        values[index] = keep * values[index] + (1 - keep) * target[index];
    }
  }
}

function copy(weights: Weights): Weights {
  return Object.fromEntries(
    Object.entries(weights).map(([name, { shape, values }]) => [name, { shape, values: values.slice() }]),
  );
}

function scalar(value: tf.Scalar): number {
  return value.dataSync()[0] ?? NaN;
}
