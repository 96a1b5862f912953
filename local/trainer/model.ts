import * as tf from "@tensorflow/tfjs-core";
import { cellLayout } from "./cells";
import { convolve, normalized, spaceToDepth, type Activation } from "./layers";
import type { Random } from "./random";
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
    { name: "output", kernel: 1, from: late, to: cellLayout(labels).channels },
  ];
}

/** Fresh weights: He's initialization; the second half of a residual block begins small. */
export function initialWeights(architecture: Architecture, labels: number, random: Random): Weights {
  const weights: Weights = {};
  for (const { name, kernel, from, to } of layersOf(architecture, labels)) {
    const fanIn = kernel * kernel * from;
    const scale = Math.sqrt(2 / fanIn) * (name.endsWith("b") ? 0.3 : name === "output" ? 0.1 : 1);
    weights[name] = {
      shape: [kernel, kernel, from, to],
      values: Float32Array.from({ length: fanIn * to }, () => random.normal() * scale),
    };
    weights[`${name}.bias`] = {
      shape: [to],
      values: Float32Array.from({ length: to }, (_, channel) =>
        name === "output" && channel === cellLayout(labels).objectness ? priorBias : 0,
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
 * @returns [batch, side / 8, side / 8, channels], see cells.ts
 */
export function forward(input: tf.Tensor4D, weights: WeightTensors, blocks: number): tf.Tensor4D {
  const layer = (name: string, x: tf.Tensor4D, activation: Activation) =>
    convolve(x, weights[name] as tf.Tensor4D, weights[`${name}.bias`] as tf.Tensor1D, activation, name === "stem");
  let x = layer("stem", input, "relu");
  x = tf.add<tf.Tensor4D>(x, layer("early", normalized(x), "relu"));
  x = layer("down", normalized(spaceToDepth(x)), "relu");
  for (let block = 0; block < blocks; block++) {
    x = tf.add<tf.Tensor4D>(x, layer(`block${block}b`, layer(`block${block}a`, normalized(x), "relu"), "linear"));
  }
  return layer("output", layer("head", normalized(x), "relu"), "linear");
}
