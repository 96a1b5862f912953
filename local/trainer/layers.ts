import * as tf from "@tensorflow/tfjs-core";

/**
 * A 3x3 convolution as slices and one matrix product, since the WebAssembly backend cannot train its own: it lacks the
 * gradient of the filter. The gradient of the input is the convolution with the turned filter, which is far cheaper than
 * what differentiating the nine slices would give.
 * @param filter [9 * channels in, channels out]
 */
export function convolve3x3(input: tf.Tensor4D, filter: tf.Tensor2D): tf.Tensor4D {
  const operation = tf.customGrad((...given) => {
    const [image, weights, save] = given as unknown as [tf.Tensor4D, tf.Tensor2D, (saved: tf.Tensor[]) => void];
    const columns = neighbourhoods(image);
    save([columns, weights]);
    return {
      value: product(image.shape, columns, weights),
      gradFunc: (gradient: tf.Tensor, saved: tf.Tensor[]) => {
        const [savedColumns, savedWeights] = saved as [tf.Tensor2D, tf.Tensor2D];
        const upstream = gradient as tf.Tensor4D;
        const rows = tf.reshape(upstream, [-1, savedWeights.shape[1]]);
        return [
          product(upstream.shape, neighbourhoods(upstream), turned(savedWeights)),
          tf.matMul(tf.transpose(savedColumns), rows),
        ];
      },
    };
  });
  return operation(input, filter);
}

/** A 1x1 convolution, with a gradient of its own: the backend multiplies transposed matrices by a slow plain loop. */
export function convolve1x1(input: tf.Tensor4D, filter: tf.Tensor2D): tf.Tensor4D {
  const operation = tf.customGrad((...given) => {
    const [image, weights, save] = given as unknown as [tf.Tensor4D, tf.Tensor2D, (saved: tf.Tensor[]) => void];
    const rows = tf.reshape(image, [-1, weights.shape[0]]);
    save([rows, weights]);
    return {
      value: product(image.shape, rows, weights),
      gradFunc: (gradient: tf.Tensor, saved: tf.Tensor[]) => {
        const [savedRows, savedWeights] = saved as [tf.Tensor2D, tf.Tensor2D];
        const upstream = tf.reshape(gradient, [-1, savedWeights.shape[1]]);
        return [
          product(gradient.shape, upstream, tf.transpose(savedWeights)),
          tf.matMul(tf.transpose(savedRows), upstream),
        ];
      },
    };
  });
  return operation(input, filter);
}

/** Halves width and height: each 2x2 block becomes four times the channels. */
export function spaceToDepth(input: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width, channels] = input.shape;
  const pairs = tf.reshape(input, [batch * (height / 2), 2, width / 2, 2 * channels]);
  return tf.reshape(tf.transpose(pairs, [0, 2, 1, 3]), [batch, height / 2, width / 2, 4 * channels]);
}

function product([batch, height, width]: readonly number[], rows: tf.Tensor, filter: tf.Tensor): tf.Tensor4D {
  return tf.reshape(tf.matMul(rows, filter), [batch, height, width, filter.shape[1]!]);
}

/** For each pixel the 3x3 around it: [batch * height * width, 9 * channels]. */
function neighbourhoods(image: tf.Tensor4D): tf.Tensor2D {
  const [batch, height, width, channels] = image.shape;
  const around: [number, number] = [1, 1];
  const padded = tf.pad4d(image, [[0, 0], around, around, [0, 0]]);
  const shifts = Array.from({ length: 9 }, (_, index) =>
    tf.slice4d(padded, [0, Math.floor(index / 3), index % 3, 0], [batch, height, width, channels]),
  );
  return tf.reshape(tf.concat4d(shifts, 3), [batch * height * width, 9 * channels]);
}

/** The filter turned by 180 degrees, with the channels swapped. */
function turned(filter: tf.Tensor2D): tf.Tensor {
  const [rows, channelsOut] = filter.shape;
  const taps = tf.reverse(tf.reshape(filter, [9, rows / 9, channelsOut]), 0);
  return tf.reshape(tf.transpose(taps, [0, 2, 1]), [9 * channelsOut, rows / 9]);
}
