import * as tf from "@tensorflow/tfjs-core";

/** What a layer does with its sums. */
export type Activation = "linear" | "relu";

type Inputs = readonly [image: tf.Tensor4D, filter: tf.Tensor4D, bias: tf.Tensor1D];

/**
 * A convolution with a bias and, if wanted, a ReLU, that keeps width and height. The WebAssembly backend has no kernel for
 * the gradient of a filter, and a slow one for that of the image; but each of the two is itself a convolution, for which
 * its kernel is fast. One operation for all three parts also spares the tape most of its entries.
 * @param filter [kernel, kernel, channels in, channels out], the kernel 1 or 3
 * @param isInput the image needs no gradient
 */
export function convolve(...[image, filter, bias, activation, isInput = false]: [...Inputs, Activation, boolean?]) {
  const operation = tf.customGrad((...given) => {
    const [x, weights, offsets, save] = given as unknown as [...Inputs, (saved: tf.Tensor[]) => void];
    const y = tf.fused.conv2d({ x, filter: weights, strides: 1, pad: "same", bias: offsets, activation });
    save([x, weights, y]);
    return {
      value: y,
      gradFunc: (upstream: tf.Tensor, saved: tf.Tensor[]) => {
        const [savedX, savedWeights, savedY] = saved as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
        const slope = (activation === "relu" ? tf.mul(upstream, tf.step(savedY)) : upstream) as tf.Tensor4D;
        return [
          isInput ? tf.zerosLike(savedX) : tf.conv2d(slope, turned(savedWeights), 1, "same"),
          filterGradient(savedX, slope, savedWeights.shape[0]),
          channelSums(slope),
        ];
      },
    };
  });
  return operation(image, filter, bias);
}

/**
 * Each entry of the gradient is a sum over batch, rows and columns: the convolution of the image by the slope, with the
 * batch in the place of the channels.
 */
function filterGradient(image: tf.Tensor4D, slope: tf.Tensor4D, kernel: number): tf.Tensor4D {
  const [channelsIn, channelsOut] = [image.shape[3], slope.shape[3]];
  if (kernel === 1) {
    const rows = tf.transpose(tf.reshape(image, [-1, channelsIn]));
    const product = tf.matMul(rows, tf.reshape(slope, [-1, channelsOut]));
    return tf.reshape(product, [1, 1, channelsIn, channelsOut]);
  }
  const around: [number, number] = [1, 1];
  const sums = tf.conv2d(
    tf.transpose<tf.Tensor4D>(image, [3, 1, 2, 0]),
    tf.transpose<tf.Tensor4D>(slope, [1, 2, 0, 3]),
    1,
    [[0, 0], around, around, [0, 0]],
  );
  // [channels in, kernel, kernel, channels out]
  return tf.transpose<tf.Tensor4D>(sums, [1, 2, 0, 3]);
}

/** The filter turned by 180 degrees with the channels swapped, in a plain loop: the backend's transpose is far slower here. */
function turned(filter: tf.Tensor4D): tf.Tensor4D {
  const [kernel, , channelsIn, channelsOut] = filter.shape;
  const values = filter.dataSync();
  const result = new Float32Array(values.length);
  const taps = kernel * kernel;
  for (let tap = 0; tap < taps; tap++) {
    const to = (taps - 1 - tap) * channelsIn * channelsOut;
    for (let from = 0; from < channelsIn; from++) {
      const row = (tap * channelsIn + from) * channelsOut;
      for (let out = 0; out < channelsOut; out++) result[to + out * channelsIn + from] = values[row + out];
    }
  }
  return tf.tensor4d(result, [kernel, kernel, channelsOut, channelsIn]);
}

/** Sums over all but the channels, as a matrix product: three times as fast as the backend's sum. */
function channelSums(slope: tf.Tensor4D): tf.Tensor1D {
  const rows = tf.reshape(slope, [-1, slope.shape[3]]);
  return tf.reshape(tf.matMul(tf.ones([1, rows.shape[0]]), rows), [slope.shape[3]]);
}

/** Each position's channels scaled to a mean square of 1, so that training is quick at any depth (RMS normalization). */
export function normalized(image: tf.Tensor4D): tf.Tensor4D {
  const operation = tf.customGrad((...given) => {
    const [x, save] = given as unknown as [tf.Tensor4D, (saved: tf.Tensor[]) => void];
    const scale = tf.rsqrt(tf.add(tf.mean(tf.square(x), 3, true), 1e-5));
    const y = tf.mul(x, scale);
    save([y, scale]);
    return {
      value: y,
      gradFunc: (upstream: tf.Tensor, saved: tf.Tensor[]) => {
        const [savedY, savedScale] = saved as [tf.Tensor4D, tf.Tensor4D];
        const along = tf.mean(tf.mul(upstream, savedY), 3, true);
        return tf.mul(tf.sub(upstream, tf.mul(savedY, along)), savedScale);
      },
    };
  });
  return operation(image) as tf.Tensor4D;
}

/** Halves width and height: each 2x2 block becomes four times the channels. */
export function spaceToDepth(input: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width, channels] = input.shape;
  const pairs = tf.reshape(input, [batch * (height / 2), 2, width / 2, 2 * channels]);
  return tf.reshape(tf.transpose(pairs, [0, 2, 1, 3]), [batch, height / 2, width / 2, 4 * channels]);
}
