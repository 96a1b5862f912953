import {
  loadDetector,
  train,
  type EpochReport,
  type Example,
  type TrainedModel,
  type TrainingSettings,
} from "../../../local/trainer";
import { seededRandom } from "../../../local/trainer/random";
import { labels, square, squares } from "./examples";

/** The smallest network on the smallest picture. */
const smallest = { modelName: "yolov5", modelSize: "small", imageSize: 320 };

interface Outcome {
  model: TrainedModel;
  reports: EpochReport[];
}

async function run(
  settings: Partial<TrainingSettings>,
  { training, validation = [] }: { training: readonly Example[]; validation?: readonly Example[] },
  answer: (report: EpochReport) => "continue" | "stop" = () => "continue",
): Promise<Outcome> {
  const reports: EpochReport[] = [];
  const model = await train({
    training,
    validation,
    settings: { ...smallest, ...settings },
    async onEpoch(report) {
      reports.push(report);
      return answer(report);
    },
  });
  return { model, reports };
}

describe("a training", () => {
  let data: { training: Example[]; validation: Example[] };
  let learnt: Outcome;
  const epochs = { numberOfEpochs: 6 };

  const few = () => ({ training: data.training.slice(0, 12), validation: data.validation.slice(0, 4) });

  beforeAll(async () => {
    const examples = await squares(72);
    data = { training: examples.slice(0, 54), validation: examples.slice(54) };
    learnt = await run(epochs, data);
  });

  test("learns, and keeps its best epoch", () => {
    const { model, reports } = learnt;
    const validated = reports.map(({ validation }) => validation!.meanAveragePrecision);
    expect(model.best.meanAveragePrecision).toBeGreaterThan(0.8);
    expect(model.best.meanAveragePrecision).toBe(Math.max(...validated));
    expect(model.bestEpoch).toBe(validated.indexOf(Math.max(...validated)) + 1);
    expect(reports.at(-1)!.trainingLoss).toBeLessThan(reports[0].trainingLoss / 2);
  });

  test("gives the same weights again, and others with another seed", async () => {
    const weightsOf = async (settings: Partial<TrainingSettings>) =>
      Buffer.from((await run({ numberOfEpochs: 2, ...settings }, few())).model.weights).toString("base64");
    const first = await weightsOf({});
    expect(await weightsOf({})).toBe(first);
    expect(await weightsOf({ randomSeed: 2 })).not.toBe(first);
  });

  test("answers a file that detects what was not in the data", async () => {
    const detector = await loadDetector(learnt.model.weights);
    try {
      const { image, boxes } = await square(100);
      const [found, ...others] = await detector.detect(image, { boxScoreThreshold: 0.2 });
      expect(found).toMatchObject({ label: boxes[0].label });
      expect(found.topX).toBeCloseTo(boxes[0].topX, 1);
      expect(found.bottomY).toBeCloseTo(boxes[0].bottomY, 1);
      expect(others.filter(({ score }) => score > found.score / 2)).toEqual([]);
    } finally {
      detector.dispose();
    }
  });

  test.each<[string, (examples: Example[]) => Example[]]>([
    [
      "of other pictures",
      (examples) =>
        examples.map(({ image }, index) => ({ image, boxes: examples[(7 * index + 3) % examples.length].boxes })),
    ],
    [
      "with the labels dealt out anew",
      (examples) => {
        const dealt = seededRandom(5).shuffled(examples.map(({ boxes }) => boxes[0].label));
        return examples.map(({ image, boxes: [box] }, index) => ({ image, boxes: [{ ...box, label: dealt[index] }] }));
      },
    ],
  ])("on boxes %s learns nothing", async (_what, shuffle) => {
    const { model } = await run(epochs, { ...data, training: shuffle(data.training) });
    expect(model.best.meanAveragePrecision).toBeLessThan(0.1);
  });

  test("with a learning rate of nearly nothing learns nothing", async () => {
    const { model } = await run({ learningRate: 1e-9, numberOfEpochs: 2 }, data);
    expect(model.best.meanAveragePrecision).toBeLessThan(0.05);
  });

  const lossesOf = async (settings: Partial<TrainingSettings>) => {
    return (await run({ numberOfEpochs: 2, ...settings }, few())).reports.map(({ trainingLoss }) => trainingLoss);
  };
  let usual: number[] | undefined;
  test.each<[string, Partial<TrainingSettings>]>([
    ["learning rate", { learningRate: 0.001 }],
    ["number of epochs", { numberOfEpochs: 3 }],
    ["model size", { modelSize: "medium" }],
    ["image size", { imageSize: 480 }],
    ["optimizer", { optimizer: "sgd" }],
    ["schedule", { learningRateScheduler: "step" }],
    ["batch size", { trainingBatchSize: 10 }],
    ["weight decay", { weightDecay: 0.05 }],
  ])("goes another way with another %s", async (_name, changed) => {
    usual ??= await lossesOf({});
    expect(await lossesOf(changed)).not.toEqual(usual);
  });

  test("of the other family goes another way with another min_size", async () => {
    const settings = { modelName: "fasterrcnn_resnet18_fpn", numberOfEpochs: 1 };
    expect(await lossesOf({ ...settings, minSize: 600 })).not.toEqual(await lossesOf({ ...settings, minSize: 800 }));
  });

  test("stops at the epoch at which it is told to", async () => {
    const { reports, model } = await run(epochs, few(), ({ epoch }) => (epoch === 3 ? "stop" : "continue"));
    expect(reports.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(model.bestEpoch).toBeLessThanOrEqual(3);
  });

  test("stops early when it no longer improves", async () => {
    const settings = { learningRate: 1e-10, earlyStoppingDelay: 1, earlyStoppingPatience: 2, numberOfEpochs: 9 };
    expect((await run(settings, few())).reports.length).toBeLessThan(9);
  });

  test("validates at every epoch that evaluation_frequency names, and at the last", async () => {
    const { reports } = await run({ evaluationFrequency: 2, numberOfEpochs: 3 }, few());
    expect(reports.map(({ validation }) => validation !== undefined)).toEqual([false, true, true]);
  });

  test.each(["sgd", "adam", "adamw"])("that diverges with %s ends with what to do", async (optimizer) => {
    await expect(run({ learningRate: 1e9, optimizer, numberOfEpochs: 3 }, few())).rejects.toThrow(
      /diverged in epoch 1.*Lower learning_rate, here 1000000000/,
    );
  });
});

describe("data", () => {
  const brief = { numberOfEpochs: 1 };

  test("without any box cannot be learnt from", async () => {
    const training = (await squares(10)).map(({ image }) => ({ image, boxes: [] }));
    await expect(run(brief, { training })).rejects.toThrow("has no box");
  });

  test("with an image that is none names it", async () => {
    const training = await squares(10);
    training[4] = { ...training[4], image: Buffer.from("no picture") };
    await expect(run(brief, { training })).rejects.toThrow(/^Image 5 of the training data: .*cannot be decoded/);
  });

  test.each<[string, () => Promise<Example[]>, number]>([
    ["one label", () => Promise.all(Array.from({ length: 14 }, (_, index) => square(labels.length * index))), 1],
    ["30 labels", () => Promise.all(Array.from({ length: 30 }, (_, index) => square(index, `label ${index}`))), 30],
    [
      "pictures without boxes",
      async () => (await squares(14)).map((example, index) => (index < 4 ? example : { ...example, boxes: [] })),
      3,
    ],
    [
      "boxes without an area and beside crowds",
      async () =>
        (await squares(14)).map(({ image, boxes }) => ({
          image,
          boxes: [...boxes, { ...boxes[0], bottomX: boxes[0].topX }, { ...boxes[0], isCrowd: true }],
        })),
      3,
    ],
  ])("of %s trains", async (_what, make, count) => {
    const examples = await make();
    const { model, reports } = await run(brief, { training: examples, validation: examples.slice(0, 4) });
    expect(model.labels).toHaveLength(count);
    expect(Number.isFinite(reports[0].trainingLoss)).toBe(true);
  });
});
