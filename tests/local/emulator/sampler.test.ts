import fc from "fast-check";
import { parseSpace, sampleTrial, type Observation, type Sample } from "../../../local/emulator/jobs/sampler";

const space = parseSpace([
  {
    learningRate: "loguniform(-9,-2)",
    momentum: "uniform(0,1)",
    optimizer: "choice('sgd','adam','adamw')",
    numberOfEpochs: "quniform(5,50,5)",
    weightDecay: "normal(0,0.1)",
    randomSeed: "randint(10)",
    modelName: "yolov5",
  },
]);
/** Best at a learning rate of e^-5, a momentum of 0.7 and one optimizer. */
const metricOf = ({ learningRate, momentum, optimizer }: Sample) =>
  1 -
  ((Math.log(Number(learningRate)) + 5) / 7) ** 2 -
  (Number(momentum) - 0.7) ** 2 -
  (optimizer === "adam" ? 0 : 0.2);

function best(algorithm: string, seed: string, trials: number): number {
  const finished: Observation[] = [];
  for (let number = 0; number < trials; number++) {
    const sample = sampleTrial(algorithm, space, seed, number, finished) ?? {};
    finished.push({ sample, metric: metricOf(sample) });
  }
  return Math.max(...finished.map(({ metric }) => metric));
}

describe("samplers", () => {
  test.each(["Random", "Bayesian"])("%s draws what the space allows, and the same again", (algorithm) => {
    fc.assert(
      fc.property(fc.string(), fc.nat(30), (seed, trials) => {
        const finished: Observation[] = [];
        for (let number = 0; number <= trials; number++) {
          const sample = sampleTrial(algorithm, space, seed, number, finished) ?? {};
          expect(sampleTrial(algorithm, space, seed, number, finished)).toEqual(sample);
          expect(Object.keys(sample)).toEqual(Object.keys(space[0] ?? {}));
          expect(sample.modelName).toBe("yolov5");
          expect(["sgd", "adam", "adamw"]).toContain(sample.optimizer);
          expect(Math.log(Number(sample.learningRate))).toBeGreaterThanOrEqual(-9.000001);
          expect(Math.log(Number(sample.learningRate))).toBeLessThanOrEqual(-1.999999);
          expect(Number(sample.numberOfEpochs) % 5).toBe(0);
          expect(Number.isFinite(sample.weightDecay)).toBe(true);
          expect(Number.isInteger(sample.randomSeed)).toBe(true);
          expect(Number(sample.randomSeed)).toBeLessThan(10);
          finished.push({ sample, metric: metricOf(sample) });
        }
      }),
      { numRuns: 15 },
    );
  });

  test("Bayesian learns from the trials that have finished: it finds better ones than chance does", () => {
    const seeds = Array.from({ length: 20 }, (_, index) => `job-${index}`);
    const mean = (algorithm: string) => seeds.reduce((sum, seed) => sum + best(algorithm, seed, 40), 0) / seeds.length;
    const [random, bayesian] = [mean("Random"), mean("Bayesian")];
    // The best there is has 1: what is missing to it is halved at least.
    expect(1 - bayesian).toBeLessThan((1 - random) / 2);
  });

  test("another job draws other trials", () => {
    expect(sampleTrial("Random", space, "one", 0, [])).not.toEqual(sampleTrial("Random", space, "other", 0, []));
  });

  test("Grid goes through all combinations once, entry by entry", () => {
    const grid = parseSpace([
      { modelName: "yolov5", learningRate: "choice(0.1,0.2)", optimizer: "choice('sgd','adam')" },
      { modelName: "fasterrcnn_resnet50_fpn", minSize: "choice(600,800)" },
    ]);
    const all: string[] = [];
    for (let number = 0; ; number++) {
      const sample = sampleTrial("Grid", grid, "any", number, []);
      if (!sample) break;
      all.push(JSON.stringify(sample));
    }
    expect(new Set(all).size).toBe(6);
    expect(all).toHaveLength(6);
  });
});
