import sharp from "sharp";
import { loadDetector, train, type EpochReport, type Example, type TrainingSettings } from "../../../local/trainer";

/** A red or a blue square on grey: what a detector learns in a few steps. */
async function square(index: number): Promise<Example> {
  const label = index % 2 === 0 ? "red" : "blue";
  const [left, top, side] = [8 + ((index * 37) % 40), 8 + ((index * 23) % 40), 32];
  const input = await sharp({
    create: { width: side, height: side, channels: 3, background: label === "red" ? "#e01010" : "#1010e0" },
  })
    .png()
    .toBuffer();
  const image = await sharp({ create: { width: 96, height: 96, channels: 3, background: "#808080" } })
    .composite([{ input, left, top }])
    .png()
    .toBuffer();
  return {
    image,
    boxes: [{ label, topX: left / 96, topY: top / 96, bottomX: (left + side) / 96, bottomY: (top + side) / 96 }],
  };
}

async function run(settings: Partial<TrainingSettings>) {
  const examples = await Promise.all(Array.from({ length: 20 }, (_, index) => square(index)));
  const reports: EpochReport[] = [];
  const model = await train({
    training: examples.slice(0, 16),
    validation: examples.slice(16),
    settings: { modelName: "yolov5", modelSize: "small", imageSize: 427, numberOfEpochs: 10, ...settings },
    async onEpoch(report) {
      reports.push(report);
      return "continue";
    },
  });
  return { model, reports };
}

describe("the trainer", () => {
  test("learns, gives the same weights again, and its file detects", async () => {
    const { model, reports } = await run({});
    expect(reports.at(-1)!.trainingLoss).toBeLessThan(reports[0].trainingLoss / 2);
    expect(model.best.meanAveragePrecision).toBeGreaterThan(0.5);
    expect(Buffer.from((await run({})).model.weights).equals(Buffer.from(model.weights))).toBe(true);

    const detector = await loadDetector(model.weights);
    const { image, boxes } = await square(18);
    const [found] = await detector.detect(image, { boxScoreThreshold: 0.2 });
    expect(found?.label).toBe(boxes[0]?.label);
    expect(found?.topX).toBeCloseTo(boxes[0].topX, 0);
    detector.dispose();
  }, 60_000);

  test("a learning rate of nearly nothing learns nothing", async () => {
    const { model } = await run({ learningRate: 1e-7, numberOfEpochs: 4 });
    expect(model.best.meanAveragePrecision).toBeLessThan(0.1);
  }, 60_000);

  test("early stopping and a stop from outside end the training", async () => {
    const { reports } = await run({
      learningRate: 1e-9,
      earlyStoppingDelay: 1,
      earlyStoppingPatience: 2,
      numberOfEpochs: 9,
    });
    expect(reports.length).toBeLessThan(9);
  }, 60_000);

  test.each([
    ["of another kind", (file: Buffer) => Buffer.concat([Buffer.from("PK"), file])],
    ["that is cut", (file: Buffer) => file.subarray(0, file.length - 5)],
    ["that was changed", (file: Buffer) => Buffer.concat([file.subarray(0, -1), Buffer.from([file.at(-1)! ^ 1])])],
  ])(
    "a model file %s is refused",
    async (_what, damage) => {
      const { model } = await run({ numberOfEpochs: 1 });
      await expect(loadDetector(damage(Buffer.from(model.weights)))).rejects.toThrow(
        /model\.pt is (not a model|damaged)/,
      );
    },
    60_000,
  );
});
