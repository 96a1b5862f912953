import * as tf from "@tensorflow/tfjs-core";
import { tensorflow } from "../../../local/trainer/backend";
import { convolve, normalized, type Activation } from "../../../local/trainer/layers";
import { seededRandom } from "../../../local/trainer/random";

const random = seededRandom(3);
const numbers = (count: number) => Float32Array.from({ length: count }, () => random.normal());

beforeAll(tensorflow);

/** Compares gradients with differences of the function itself, at some entries. */
function checkGradients(
  tensors: { shape: number[]; values: Float32Array }[],
  compute: (inputs: tf.Tensor[]) => tf.Tensor,
  weights: Float32Array,
): void {
  const lossOf = (inputs: tf.Tensor[]) => {
    const y = compute(inputs);
    return tf.sum<tf.Scalar>(tf.mul(y, tf.tensor(weights, y.shape)));
  };
  const valueAt = (changed: number, entry: number, step: number) => {
    const inputs = tensors.map(({ shape, values }, index) => {
      const copy = values.slice();
      if (index === changed) copy[entry] += step;
      return tf.tensor(copy, shape);
    });
    return lossOf(inputs).dataSync()[0];
  };
  const gradients = tf.grads((...inputs: tf.Tensor[]) => lossOf(inputs))(
    tensors.map(({ shape, values }) => tf.tensor(values, shape)),
  );
  const step = 1e-2;
  tensors.forEach(({ values }, index) => {
    const gradient = gradients[index].dataSync();
    expect(gradient).toHaveLength(values.length);
    for (let entry = 0; entry < values.length; entry += Math.ceil(values.length / 25)) {
      const difference = (valueAt(index, entry, step) - valueAt(index, entry, -step)) / (2 * step);
      expect(gradient[entry]).toBeCloseTo(difference, 1);
    }
  });
}

describe("layers", () => {
  test.each<[number, Activation]>([
    [1, "linear"],
    [3, "linear"],
    [1, "relu"],
    [3, "relu"],
  ])("the gradients of a convolution of %i by itself, %s, are its differences", (kernel, activation) => {
    const [batch, height, width, from, to] = [2, 4, 6, 3, 5];
    const tensors = [
      { shape: [batch, height, width, from], values: numbers(batch * height * width * from) },
      { shape: [kernel, kernel, from, to], values: numbers(kernel * kernel * from * to) },
      // Away from zero, where a ReLU has a kink that no difference measures.
      { shape: [to], values: Float32Array.from({ length: to }, (_, index) => (index % 2 === 0 ? 30 : -30)) },
    ];
    checkGradients(
      tensors,
      ([image, filter, bias]) => convolve(image as tf.Tensor4D, filter as tf.Tensor4D, bias as tf.Tensor1D, activation),
      numbers(batch * height * width * to),
    );
  });

  test("the gradient of the normalization is its difference", () => {
    checkGradients(
      [{ shape: [2, 3, 3, 4], values: numbers(72).map((value) => value + 2) }],
      ([image]) => normalized(image as tf.Tensor4D),
      numbers(72),
    );
  });
});
