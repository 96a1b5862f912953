import * as tf from "@tensorflow/tfjs-core";
import { boxChannels } from "./cells";
import { detectionLoss, type LossPart } from "./loss";
import { forward, inputBlock, stride, toTensors, type Weights } from "./model";
import { boxInView, randomView, writeInput, type Pixels } from "./pictures";
import type { Random } from "./random";
import type { Architecture } from "./settings";
import { addObject, emptyTargets, type Targets } from "./targets";
import type { GroundTruthBox } from "./types";

/** A picture in memory, and what is on it. */
export interface Decoded {
  pixels: Pixels;
  boxes: readonly GroundTruthBox[];
}

export type Losses = Record<LossPart | "total", number>;

/** The losses of a batch in random views, and the gradient of the whole loss by weight. */
export function lossAndGradients(
  batch: readonly Decoded[],
  labels: readonly string[],
  weights: Weights,
  { inputSize, blocks }: Architecture,
  random: Random,
): { losses: Losses; gradients: Record<string, Float32Array> } {
  const [cells, side] = [inputSize / stride, inputSize / inputBlock];
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
  const losses: Losses = { total: NaN, heatmap: NaN, class: NaN, size: NaN, offset: NaN };
  const gradients: Record<string, Float32Array> = {};
  // Numbers leave by these two and not as tidy's answer, of which it walks through every element in search of tensors.
  tf.tidy(() => {
    const pictures = tf.tensor4d(input, [batch.length, side, side, inputBlock * inputBlock * 3]);
    const wanted = targetTensors(targets, [batch.length, cells, cells], labels.length);
    const tensors = toTensors(weights);
    const { value, grads } = tf.valueAndGrads((...given: tf.Tensor[]) => {
      const current = Object.fromEntries(names.map((name, index) => [name, given[index]]));
      const { total, parts } = detectionLoss(forward(pictures, current, blocks), wanted);
      for (const part of Object.keys(parts) as LossPart[]) losses[part] = scalar(parts[part]);
      return total;
    })(names.map((name) => tensors[name]));
    losses.total = scalar(value);
    names.forEach((name, index) => (gradients[name] = grads[index].dataSync() as Float32Array));
  });
  return { losses, gradients };
}

function targetTensors(targets: Targets, positions: [number, number, number], labels: number) {
  return {
    heatmap: tf.tensor4d(targets.heatmap, [...positions, 1]),
    classes: tf.tensor4d(targets.classes, [...positions, labels]),
    boxes: tf.tensor4d(targets.boxes, [...positions, boxChannels]),
    weight: tf.tensor4d(targets.weight, [...positions, 1]),
    objects: targets.objects,
  };
}

function scalar(value: tf.Scalar): number {
  return value.dataSync()[0] ?? NaN;
}
