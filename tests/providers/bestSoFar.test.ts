import type { TrackedRun } from "../../lib/azure/mlflow";
import { BestSoFar } from "../../providers/trainingJob/bestSoFar";

const trial = (runId: string, metric?: number): TrackedRun => ({
  runId,
  experimentId: "1",
  name: runId,
  status: "RUNNING",
  metrics: metric === undefined ? {} : { mean_average_precision: metric },
  params: {},
  tags: {},
});

describe("the best metric so far", () => {
  test("does not go down with the last value of a running trial", async () => {
    const best = new BestSoFar(() => Promise.resolve([]));
    const told = [];
    for (const last of [0.1, 0.7, 0.3]) told.push(await best.of([trial("a", last), trial("b", 0.2)]));
    expect(told).toEqual([0.2, 0.7, 0.7]);
  });

  test("takes a trial's history once, and asks again only while it cannot be had", async () => {
    const asked: string[] = [];
    const best = new BestSoFar((runId) => {
      asked.push(runId);
      return Promise.resolve(asked.length === 1 ? undefined : [0.4, 0.9, NaN]);
    });
    expect(await best.of([trial("a")])).toBe(-Infinity);
    for (const expected of [0.1, 0.9, 0.9]) expect(await best.of([trial("a", 0.1)])).toBe(expected);
    expect(asked).toEqual(["a", "a"]);
  });
});
