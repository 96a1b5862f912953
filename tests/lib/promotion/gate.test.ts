import fc from "fast-check";
import { best, bestTrial, compareVersions, decide } from "../../../lib/promotion";

const metric = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constant(NaN), fc.constant(null));
const candidate = fc.record({ job: fc.constant("j"), trial: fc.uuid(), metric });
const rules = { minimumMetric: 0.3, minimumDelta: 0.01 };
const champion = { version: "9", metric: 0.5, dataVersion: "d1", trial: "t0" };

describe("the best trial", () => {
  test("is the one that the job names, when it has a metric", () => {
    const trials = [
      { job: "j", trial: "a", metric: 0.9 },
      { job: "j", trial: "b", metric: 0.1 },
      { job: "j", trial: "c", metric: NaN },
    ];
    expect(bestTrial(trials, { bestChild: "b" })?.trial).toBe("b");
    expect(bestTrial(trials, { sweepBestChild: "b" })?.trial).toBe("b");
    expect(bestTrial(trials, { bestChild: "c" })?.trial).toBe("a");
  });

  test("has the highest metric, the earlier of equal ones, and never a missing one", () => {
    fc.assert(
      fc.property(fc.array(candidate), (trials) => {
        const chosen = best(trials);
        const figures = trials
          .map((trial) => trial.metric)
          .filter((value): value is number => value !== null && Number.isFinite(value));
        if (figures.length === 0) return expect(chosen).toBeUndefined();
        expect(chosen?.metric).toBe(Math.max(...figures));
        expect(trials.findIndex(({ metric: value }) => value === chosen?.metric)).toBe(trials.indexOf(chosen!));
      }),
    );
  });
});

describe("the gate", () => {
  test("never promotes below the minimum, without a metric, on other data, or without an improvement", () => {
    fc.assert(
      fc.property(candidate, fc.constantFrom("d1", "d2"), (next, data) => {
        const { promoted, reason } = decide(next, data, champion, rules);
        expect(reason).not.toBe("");
        if (promoted) {
          expect(data).toBe("d1");
          expect(next.metric).toBeGreaterThan(champion.metric + rules.minimumDelta);
        }
      }),
    );
  });

  test("without a champion the minimum alone decides", () => {
    fc.assert(
      fc.property(candidate, (next) => {
        expect(decide(next, "d1", undefined, rules).promoted).toBe(
          next.metric !== null && next.metric >= rules.minimumMetric,
        );
      }),
    );
  });

  test("tells the figures", () => {
    expect(decide({ job: "j", trial: "t1", metric: 0.6 }, "d1", champion, rules).reason).toBe(
      "better by 0.1000: 0.6000 against 0.5000 of version 9",
    );
  });

  test("compares versions as numbers", () => {
    expect(["10", "9", "2"].sort(compareVersions)).toEqual(["2", "9", "10"]);
  });
});
