import { tensorflow } from "./backend";
import { cellLayout } from "./cells";
import { decodeCells } from "./decode";
import { forward, inputBlock, stride, toTensors, type Weights, type WeightTensors } from "./model";
import { decodePicture, plainView, writeInput, type Pixels } from "./pictures";
import type { Architecture } from "./settings";
import type { Detection } from "./types";
import { decodeModel } from "./weightsFile";
import * as tf from "@tensorflow/tfjs-core";

export interface Thresholds {
  /** Boxes below this score are left out. */
  boxScoreThreshold?: number;
  /** Boxes of one label that overlap by more are merged. */
  nmsIouThreshold?: number;
}

export interface Detector {
  labels: string[];
  /** @param image an encoded picture */
  detect(image: Uint8Array, thresholds?: Thresholds): Promise<Detection[]>;
  dispose(): void;
}

/** Loads a model file for scoring. */
export async function loadDetector(file: Uint8Array): Promise<Detector> {
  const { header, weights } = decodeModel(file);
  await tensorflow();
  const tensors = toTensors(weights);
  return {
    labels: header.labels,
    async detect(
      image,
      { boxScoreThreshold = header.boxScoreThreshold, nmsIouThreshold = header.nmsIouThreshold } = {},
    ) {
      const pixels = await decodePicture(image, header.architecture.inputSize);
      return (
        detectAll([pixels], tensors, header.architecture, header.labels, boxScoreThreshold, nmsIouThreshold)[0] ?? []
      );
    },
    dispose: () => tf.dispose(tensors),
  };
}

/** Pictures that go through the network at once. */
const batchSize = 13;

/** Detections of decoded pictures, with weights that are not yet tensors. */
export function detectWith(
  pictures: readonly Pixels[],
  weights: Weights,
  architecture: Architecture,
  labels: readonly string[],
  threshold: number,
  nmsIou: number,
): Detection[][] {
  const tensors = toTensors(weights);
  try {
    return detectAll(pictures, tensors, architecture, labels, threshold, nmsIou);
  } finally {
    tf.dispose(tensors);
  }
}

function detectAll(
  pictures: readonly Pixels[],
  tensors: WeightTensors,
  { inputSize, blocks }: Architecture,
  labels: readonly string[],
  threshold: number,
  nmsIou: number,
): Detection[][] {
  const cells = inputSize / stride;
  const results: Detection[][] = [];
  for (let start = 0; start < pictures.length; start += batchSize) {
    const batch = pictures.slice(start, start + batchSize);
    const input = new Float32Array(batch.length * inputSize * inputSize * 3);
    batch.forEach((pixels, index) => writeInput(input, index * inputSize * inputSize * 3, pixels, plainView));
    const side = inputSize / inputBlock;
    // Values leave the network outside tidy, which would walk through every number of what it is answered.
    const answer = tf.tidy(() =>
      forward(tf.tensor4d(input, [batch.length, side, side, inputBlock * inputBlock * 3]), tensors, blocks),
    );
    const output = answer.dataSync() as Float32Array;
    answer.dispose();
    batch.forEach((_, index) => {
      const boxes = decodeCells(
        output,
        index * cells * cells * cellLayout(labels.length).channels,
        cells,
        labels.length,
        threshold,
        nmsIou,
      );
      results.push(boxes.map(({ label, ...box }) => ({ ...box, label: labels[label] ?? "" })));
    });
  }
  return results;
}
