import fc from "fast-check";
import { localRate, resolveSettings } from "../../../local/trainer/settings";

const rate = fc.double({ min: 1e-8, max: 1e3, noNaN: true });

describe("settings", () => {
  test("a higher learning rate is a higher one here, whatever the optimizer", () => {
    fc.assert(
      fc.property(rate, rate, fc.constantFrom("sgd", "adam", "adamw"), (a, b, optimizer) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        expect(localRate(low, optimizer)).toBeLessThanOrEqual(localRate(high, optimizer));
      }),
    );
  });

  test("rates outside the usual ones keep their distance", () => {
    expect(localRate(1e-7, "adam")).toBeCloseTo(localRate(1e-4, "adam") / 1000, 12);
    expect(localRate(10, "adam")).toBeCloseTo(localRate(1e-2, "adam") * 1000, 6);
  });

  test.each([
    [{ modelName: "yolov5" }, { inputSize: 96, widths: [32, 48], blocks: 1 }],
    [
      { modelName: "yolov5", modelSize: "small" },
      { inputSize: 96, widths: [24, 32], blocks: 1 },
    ],
    [
      { modelName: "yolov5", modelSize: "ExtraLarge", imageSize: 320 },
      { inputSize: 64, widths: [48, 80], blocks: 1 },
    ],
    [{ modelName: "fasterrcnn_resnet50_fpn" }, { inputSize: 88, widths: [28, 36], blocks: 2 }],
    [
      { modelName: "fasterrcnn_resnet18_fpn", minSize: 800 },
      { inputSize: 120, widths: [28, 36], blocks: 1 },
    ],
  ])("%j is %j", (settings, architecture) => {
    expect(resolveSettings(settings).architecture).toEqual(architecture);
  });
});
