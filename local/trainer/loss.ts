import * as tf from "@tensorflow/tfjs-core";
import { boxChannels } from "./cells";

/** Shares of the parts in the whole loss, beside that of the objectness. */
const classWeight = 1.5;
const sizeWeight = 0.5;
const offsetWeight = 0.5;

/** The targets of targets.ts as tensors. */
export interface TargetTensors {
  heatmap: tf.Tensor4D;
  classes: tf.Tensor4D;
  boxes: tf.Tensor4D;
  weight: tf.Tensor4D;
  objects: number;
}

export type LossPart = "heatmap" | "class" | "size" | "offset";

/**
 * Loss of a batch: CenterNet's penalty-reduced loss on the objectness; around the centres the cross entropy of the label and
 * the absolute errors of offset and log size. Each part is divided by the number of objects.
 *
 * CenterNet weights both terms of the objectness with the square of the error. Here only the empty cells, of which there are
 * a hundred to each object, are weighted, and with the error itself: the scores of right boxes then reach from 0.3 to 0.95
 * rather than from 0.3 to 0.7, and tell more of how sure the network is.
 */
export function detectionLoss(
  output: tf.Tensor4D,
  { heatmap, classes, boxes, weight, objects }: TargetTensors,
): { total: tf.Scalar; parts: Record<LossPart, tf.Scalar> } {
  const [objectness, labels, predicted] = tf.split(output, [1, classes.shape[3], boxChannels], 3) as [
    tf.Tensor4D,
    tf.Tensor4D,
    tf.Tensor4D,
  ];
  const perObject = (loss: tf.Tensor) => tf.div<tf.Scalar>(tf.sum(loss), Math.max(1, objects));

  const probability = tf.clipByValue(tf.sigmoid(objectness), 1e-4, 1 - 1e-4);
  const isCentre = tf.cast(tf.greater(heatmap, 0.999), "float32");
  const missed = tf.mul(tf.log(probability), isCentre);
  const reduced = tf.square(tf.square(tf.sub(1, heatmap)));
  const invented = tf.mul(tf.mul(tf.log(tf.sub(1, probability)), probability), reduced);
  const heat = perObject(tf.neg(tf.add(missed, invented)));

  const mistaken = perObject(tf.mul(tf.neg(tf.mul(tf.logSoftmax(labels, 3), classes)), weight));
  const errors = tf.mul(tf.abs(tf.sub(predicted, boxes)), weight);
  const [offset, size] = tf.split(errors, 2, 3).map(perObject) as [tf.Scalar, tf.Scalar];
  const total = tf.addN<tf.Tensor>([
    heat,
    tf.mul(mistaken, classWeight),
    tf.mul(size, sizeWeight),
    tf.mul(offset, offsetWeight),
  ]);
  return { total: total as tf.Scalar, parts: { heatmap: heat, class: mistaken, size, offset } };
}
