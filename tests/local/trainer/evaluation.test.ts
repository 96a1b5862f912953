import fc from "fast-check";
import { intersectionOverUnion, suppress } from "../../../local/trainer/decode";
import { areaUnderCurve, evaluate } from "../../../local/trainer/evaluation";

const box = fc
  .tuple(...Array.from({ length: 4 }, () => fc.double({ min: 0, max: 1, noNaN: true })))
  .map(([a = 0, b = 0, c = 0, d = 0]) => ({
    topX: Math.min(a, b),
    bottomX: Math.max(a, b),
    topY: Math.min(c, d),
    bottomY: Math.max(c, d),
  }));

describe("boxes", () => {
  test("intersection over union is symmetric, from 0 to 1, and 1 for a box and itself", () => {
    fc.assert(
      fc.property(box, box, (a, b) => {
        expect(intersectionOverUnion(a, b)).toBeCloseTo(intersectionOverUnion(b, a), 12);
        expect(intersectionOverUnion(a, b)).toBeGreaterThanOrEqual(0);
        expect(intersectionOverUnion(a, b)).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
    expect(
      intersectionOverUnion(
        { topX: 0, topY: 0, bottomX: 0.5, bottomY: 1 },
        { topX: 0.25, topY: 0, bottomX: 0.75, bottomY: 1 },
      ),
    ).toBeCloseTo(1 / 3);
  });

  test("suppression keeps the best of what overlaps: within a label, and across labels of nearly the same box", () => {
    const scored = fc
      .record({ label: fc.integer({ min: 0, max: 2 }), score: fc.double({ min: 0, max: 1, noNaN: true }), box })
      .map(({ box: sides, ...rest }) => ({ ...rest, ...sides }));
    fc.assert(
      fc.property(fc.array(scored, { maxLength: 20 }), (boxes) => {
        const kept = suppress(boxes, 0.5);
        for (const [index, one] of kept.entries()) {
          for (const other of kept.slice(index + 1)) {
            expect(intersectionOverUnion(one, other)).toBeLessThanOrEqual(one.label === other.label ? 0.5 : 0.75);
            expect(one.score).toBeGreaterThanOrEqual(other.score);
          }
        }
      }),
    );
  });
});

describe("average precision", () => {
  // By hand: right, wrong, right of two boxes; the curve is 1 up to a recall of 0.5, then 2/3.
  test.each([
    [[true, false, true], 2, 0.5 + 0.5 * (2 / 3)],
    [[true, true], 2, 1],
    [[false, true], 1, 0.5],
    [[], 3, 0],
    [[true], 4, 0.25],
  ])("of %j over %i boxes is %f", (verdicts, count, expected) => {
    expect(areaUnderCurve(verdicts, count)).toBeCloseTo(expected);
  });

  test("a box is found once, at the required overlap, and crowds do not count", () => {
    const truth = [
      { label: "a", topX: 0, topY: 0, bottomX: 0.5, bottomY: 0.5 },
      { label: "a", topX: 0.6, topY: 0.6, bottomX: 1, bottomY: 1, isCrowd: true },
    ];
    const exact = { label: "a", score: 0.9, topX: 0, topY: 0, bottomX: 0.5, bottomY: 0.5 };
    const onCrowd = { ...exact, score: 0.8, topX: 0.6, topY: 0.6, bottomX: 1, bottomY: 1 };
    expect(evaluate([{ truth, detections: [exact, onCrowd] }], ["a"], 0.5, 0.3)).toMatchObject({
      meanAveragePrecision: 1,
      precision: 1,
      recall: 1,
    });
    const twice = evaluate([{ truth, detections: [exact, { ...exact, score: 0.7 }] }], ["a"], 0.5, 0.3);
    expect(twice.precision).toBe(0.5);
    expect(evaluate([{ truth, detections: [{ ...exact, bottomX: 0.2 }] }], ["a"], 0.5, 0.3).meanAveragePrecision).toBe(
      0,
    );
  });
});
