import fc from "fast-check";
import { agreement, iou, type Detection } from "../../../lib/serving/detections";
import { brokenRules, describeFigures, figuresOf, type Answers } from "../../../lib/serving/probes";

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const detection: fc.Arbitrary<Detection> = fc
  .record({ label: fc.constantFrom("person", "food"), score: unit, x: fc.tuple(unit, unit), y: fc.tuple(unit, unit) })
  .map(({ label, score, x, y }) => {
    const [topX, bottomX] = [Math.min(...x), Math.max(...x)];
    const [topY, bottomY] = [Math.min(...y), Math.max(...y)];
    return { label, score, topX, topY, bottomX, bottomY };
  });
const pictures = fc.array(fc.array(detection, { maxLength: 6 }), { minLength: 1, maxLength: 4 });
const box = (label: string, topX: number, score = 0.9): Detection => ({
  label,
  score,
  topX,
  topY: 0,
  bottomX: topX + 0.2,
  bottomY: 0.2,
});
const answers = (boxes: Answers["boxes"], latencyMs = 10): Answers => ({
  requests: boxes.length,
  problems: boxes.filter((found) => found === null).map(() => "500: broken"),
  latenciesMs: boxes.filter((found) => found !== null).map(() => latencyMs),
  boxes,
});
const rules = { maxErrorRate: 0, maxLatencyRatio: 2, maxEmptyIncrease: 0.2, minAgreement: 0.5 };

describe("agreement", () => {
  test("is from 0 to 1, the same both ways, and 1 with itself", () => {
    fc.assert(
      fc.property(pictures, pictures, (left, right) => {
        const count = Math.min(left.length, right.length);
        const [a, b] = [left.slice(0, count), right.slice(0, count)];
        const both = agreement(a, b);
        expect(both).toBeGreaterThanOrEqual(0);
        expect(both).toBeLessThanOrEqual(1);
        expect(agreement(b, a)).toBeCloseTo(both, 10);
      }),
    );
    fc.assert(
      fc.property(pictures, (own) => {
        // A box without area overlaps nothing, not even itself.
        const solid = own.map((boxes) => boxes.filter((found) => iou(found, found) > 0));
        expect(agreement(solid, solid)).toBe(1);
      }),
    );
  });

  test.each([
    ["both found nothing", [[]], [[]], 1],
    ["one found nothing", [[box("person", 0)]], [[]], 0],
    ["another label", [[box("person", 0)]], [[box("food", 0)]], 0],
    ["guesses do not count", [[box("person", 0), box("food", 0.5, 0.1)]], [[box("person", 0)]], 1],
    ["one of two", [[box("person", 0), box("person", 0.5)]], [[box("person", 0.01)]], 2 / 3],
    ["a box counts once", [[box("person", 0)]], [[box("person", 0), box("person", 0.01)]], 2 / 3],
  ])("%s", (_what, left, right, expected) => {
    expect(agreement(left, right)).toBeCloseTo(expected, 10);
  });
});

describe("the rules of a rollout", () => {
  const good = [[box("person", 0)], [box("food", 0.4)]];

  test.each([
    ["equal answers", answers(good), answers(good), []],
    ["nothing to compare with", answers([[], []]), undefined, []],
    ["failed requests", answers([null, good[1]]), answers(good), [/^error rate 0\.5, at most 0 .*500: broken/]],
    ["slow answers", answers(good, 900), answers(good, 10), [/^p95 900 ms against 10 ms, at most 2 times/]],
    ["a few milliseconds more", answers(good, 90), answers(good, 2), []],
    [
      "no boxes any more",
      answers([[], []]),
      answers(good),
      [/without a box 1 against 0/, /^agreement 0, at least 0\.5/],
    ],
    ["what serves is broken", answers(good), answers([null, null]), []],
    ["what serves is half broken", answers([[], good[1]]), answers([null, good[1]]), []],
  ] as const)("%s", (_what, candidate, serving, expected) => {
    const figures = figuresOf(candidate, serving);
    const broken = brokenRules(figures, rules, candidate.problems);
    expect(broken).toEqual(expected.map((pattern) => expect.stringMatching(pattern) as string));
    expect(describeFigures(figures)).toContain("2 requests");
  });
});
