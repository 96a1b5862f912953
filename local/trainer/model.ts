import * as tf from "@tensorflow/tfjs-core";
import type { Random } from "./random";
import { convolve1x1, convolve3x3, spaceToDepth } from "./layers";
import type { Architecture } from "./settings";

/** Values and shape of a layer's parameters. */
export interface Weight {
  shape: number[];
  values: Float32Array;
}

export type Weights = Record<string, Weight>;
export type WeightTensors = Record<string, tf.Tensor>;

/** Pixels of a cell of the output. */
export const stride = 8;
/** Pixels of a block that is one position of the network's input. */
export const inputBlock = 4;
/** Channels of the input: the block's pixels in three colours. */
const inputChannels = inputBlock * inputBlock * 3;
/** Outputs beside the heatmaps: offset of the centre (2), logarithm of the size (2). */
const boxChannels = 4;
/** An untrained cell is an object with 2 %. */
const priorBias = Math.log(0.02 / 0.98);

interface Layer {
  name: string;
  kernel: 1 | 3;
  from: number;
  to: number;
}

function layersOf({ widths: [early, late], blocks }: Architecture, labels: number): Layer[] {
  return [
    { name: "stem", kernel: 1, from: inputChannels, to: early },
    { name: "early", kernel: 3, from: early, to: early },
    { name: "down", kernel: 1, from: 4 * early, to: late },
    ...Array.from({ length: blocks }, (_, block) => [
      { name: `block${block}a`, kernel: 3 as const, from: late, to: late },
      { name: `block${block}b`, kernel: 3 as const, from: late, to: late },
    ]).flat(),
    { name: "head", kernel: 3, from: late, to: late },
    { name: "output", kernel: 1, from: late, to: labels + boxChannels },
  ];
}

/** Fresh weights: He's initialization; the second half of a residual block begins small. */
export function initialWeights(architecture: Architecture, labels: number, random: Random): Weights {
  const weights: Weights = {};
  for (const { name, kernel, from, to } of layersOf(architecture, labels)) {
    const fanIn = kernel * kernel * from;
    const scale = Math.sqrt(2 / fanIn) * (name.endsWith("b") ? 0.3 : name === "output" ? 0.1 : 1);
    weights[name] = {
      shape: [fanIn, to],
      values: Float32Array.from({ length: fanIn * to }, () => random.normal() * scale),
    };
    weights[`${name}.bias`] = {
      shape: [to],
      values: Float32Array.from({ length: to }, (_, channel) =>
        name === "output" && channel < labels ? priorBias : 0,
      ),
    };
  }
  return weights;
}

export function toTensors(weights: Weights): WeightTensors {
  return Object.fromEntries(
    Object.entries(weights).map(([name, { shape, values }]) => [name, tf.tensor(values, shape)]),
  );
}

/**
 * The network: pictures to cells.
 * @param input [batch, side / 4, side / 4, 48], see pictures.ts
 * @returns [batch, side / 8, side / 8, labels + 4]: logits of each label's centres, offset x and y in the cell, logarithm of
 *   width and height in cells
 */
export function forward(input: tf.Tensor4D, weights: WeightTensors, blocks: number): tf.Tensor4D {
  const layer = (name: string, x: tf.Tensor4D) => {
    const filter = weights[name] as tf.Tensor2D;
    const convolved = filter.shape[0] === x.shape[3] ? convolve1x1(x, filter) : convolve3x3(x, filter);
    return tf.add<tf.Tensor4D>(convolved, weights[`${name}.bias`]);
  };
  const active = (name: string, x: tf.Tensor4D) => tf.relu(layer(name, x));
  let x = active("stem", input);
  x = tf.add<tf.Tensor4D>(x, active("early", normalized(x)));
  x = active("down", normalized(spaceToDepth(x)));
  for (let block = 0; block < blocks; block++) {
    x = tf.add<tf.Tensor4D>(x, layer(`block${block}b`, active(`block${block}a`, normalized(x))));
  }
  return layer("output", active("head", normalized(x)));
}

/** Each position's channels scaled to a mean square of 1, so that training is quick at any depth (RMS normalization). */
function normalized(x: tf.Tensor4D): tf.Tensor4D {
  return tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), 3, true), 1e-5)));
}
