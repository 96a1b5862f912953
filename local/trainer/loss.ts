import * as tf from "@tensorflow/tfjs-core";

/** Share of the box parts in the whole loss. */
const sizeWeight = 0.5;
const offsetWeight = 0.5;

/**
 * Loss of a batch: CenterNet's penalty-reduced focal loss on the heatmaps, absolute errors of offset and log size around
 * the centres. Each part is divided by the number of objects.
 */
export function detectionLoss(
  output: tf.Tensor4D,
  heatmap: tf.Tensor4D,
  boxes: tf.Tensor4D,
  weight: tf.Tensor4D,
  labels: number,
  objects: number,
): { heat: tf.Scalar; size: tf.Scalar; offset: tf.Scalar; total: tf.Scalar } {
  const [logits, predicted] = tf.split(output, [labels, 4], 3) as [tf.Tensor4D, tf.Tensor4D];
  const count = Math.max(1, objects);
  const probability = tf.clipByValue(tf.sigmoid(logits), 1e-4, 1 - 1e-4);
  const isCentre = tf.cast(tf.greater(heatmap, 0.999), "float32");
  const missed = tf.mul(tf.mul(tf.log(probability), tf.square(tf.sub(1, probability))), isCentre);
  const reduced = tf.square(tf.square(tf.sub(1, heatmap)));
  const invented = tf.mul(tf.mul(tf.log(tf.sub(1, probability)), tf.square(probability)), reduced);
  const heat = tf.div<tf.Scalar>(tf.neg(tf.sum(tf.add(missed, invented))), count);

  const errors = tf.mul(tf.abs(tf.sub(predicted, boxes)), weight);
  const [offsets, sizes] = tf.split(errors, 2, 3) as [tf.Tensor4D, tf.Tensor4D];
  const offset = tf.div<tf.Scalar>(tf.sum(offsets), count);
  const size = tf.div<tf.Scalar>(tf.sum(sizes), count);
  const total = tf.add<tf.Scalar>(heat, tf.add(tf.mul(size, sizeWeight), tf.mul(offset, offsetWeight)));
  return { heat, size, offset, total };
}
