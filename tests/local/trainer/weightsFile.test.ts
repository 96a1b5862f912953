import { decodeModel, encodeModel } from "../../../local/trainer/weightsFile";

const header = {
  modelName: "yolov5",
  labels: ["a", "b"],
  architecture: { inputSize: 96, widths: [32, 48] as [number, number], blocks: 1 },
  boxScoreThreshold: 0.3,
  nmsIouThreshold: 0.5,
};
const weights = {
  one: { shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) },
  two: { shape: [1], values: Float32Array.of(-7.5) },
};
const file = Buffer.from(encodeModel(header, weights));

describe("a model file", () => {
  test("gives back what was written, from any place in memory", () => {
    const shifted = Buffer.concat([Buffer.from("x"), file]).subarray(1);
    expect(decodeModel(shifted)).toEqual({ header, weights });
  });

  test.each([
    ["of another kind", Buffer.concat([Buffer.from("PK"), file]), /is not a model of the local trainer/],
    ["that is empty", Buffer.alloc(0), /is not a model of the local trainer/],
    [
      "of the first format",
      Buffer.concat([Buffer.from("LOCALDET1\n"), file.subarray(10)]),
      /format 1 .* reads format 2\. Train again/,
    ],
    [
      "of a later format",
      Buffer.concat([Buffer.from("LOCALDET12\n"), file.subarray(10)]),
      /format 12 .* reads format 2/,
    ],
    ["that is cut", file.subarray(0, -5), /is damaged/],
    ["that ends in its header", file.subarray(0, 20), /is damaged/],
    ["that was changed", Buffer.concat([file.subarray(0, -1), Buffer.from([file.at(-1)! ^ 1])]), /is damaged/],
  ])("%s is refused", (_what, damaged, message) => {
    expect(() => decodeModel(damaged)).toThrow(message);
  });
});
