import fc from "fast-check";
import { isFigure, perLabelFigures, rankTrials, sameData, type Trial } from "../../../lib/promotion";

const trial = (run: string, metric: number | null, finished = true): Trial => ({ run, metric, finished });
const runs = (trials: readonly Trial[]) => trials.map(({ run }) => run);
const metric = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.constantFrom<number | null>(NaN, Infinity, null, 0.5),
);
const anyTrials = fc.array(fc.record({ run: fc.uuid(), metric, finished: fc.boolean() }), { maxLength: 8 });

describe("the best trial of a job", () => {
  const trials = [trial("a", 0.9), trial("b", 0.1), trial("c", NaN), trial("d", 0.9), trial("e", null)];

  test.each([
    ["the tag", { bestChild: "b" }, "b"],
    ["the sweep's property", { sweepBestChild: "b" }, "b"],
    ["the tag before the property", { bestChild: "d", sweepBestChild: "b" }, "d"],
    ["the property when the tag's trial has no figure", { bestChild: "c", sweepBestChild: "b" }, "b"],
    ["the metric when neither has one", { bestChild: "c", sweepBestChild: "e" }, "a"],
    ["the metric when they name no trial of the job", { bestChild: "x" }, "a"],
  ])("is the one of %s", (_, named, best) => {
    expect(rankTrials(trials, named)[0]?.run).toBe(best);
  });

  test("is followed by the next best, the earlier of equal ones first", () => {
    expect(runs(rankTrials(trials, { bestChild: "b" }))).toEqual(["b", "a", "d"]);
  });

  test("is no trial that was stopped, as in a canceled job, unless the job names it", () => {
    const stopped = [trial("a", 0.9, false), trial("b", 0.4)];
    expect(runs(rankTrials(stopped))).toEqual(["b"]);
    expect(runs(rankTrials(stopped, { bestChild: "a" }))).toEqual(["a", "b"]);
  });

  test("has the highest figure of all finished ones, whatever else there is", () => {
    fc.assert(
      fc.property(anyTrials, (all) => {
        const ranked = rankTrials(all);
        const figures = all.flatMap(({ metric: value, finished }) => (finished && isFigure(value) ? [value] : []));
        expect(ranked).toHaveLength(figures.length);
        expect(ranked.map(({ metric: value }) => value)).toEqual([...figures].sort((a, b) => b - a));
        const positions = ranked.map((one) => all.indexOf(one));
        ranked.forEach((one, index) => {
          if (index > 0 && ranked[index - 1]?.metric === one.metric)
            expect(positions[index]).toBeGreaterThan(positions[index - 1] ?? -1);
        });
      }),
    );
  });
});

test("figures of labels are read from a run's metrics, odd names too", () => {
  const metrics = {
    mean_average_precision: 0.5,
    "per_label_metrics.hot dog.average_precision": 0.4,
    "per_label_metrics.a.b.average_precision": 0.3,
    "per_label_metrics.cat.recall": 1,
  };
  expect(perLabelFigures(metrics)).toEqual({ "hot dog": 0.4, "a.b": 0.3 });
});

test.each([
  [{ asset: "a", version: "1" }, { asset: "a", version: "1" }, true],
  [{ asset: "a", version: "1" }, { asset: "b", version: "1" }, false],
  [{ asset: "a", version: "1" }, { asset: "a", version: "2" }, false],
  // Champions of earlier releases have no asset on record.
  [{ version: "1" }, { asset: "a", version: "1" }, true],
])("data %j and %j are the same: %s", (a, b, same) => {
  expect(sameData(a, b)).toBe(same);
});
