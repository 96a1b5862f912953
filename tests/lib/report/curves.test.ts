import fc from "fast-check";
import { bestOf, curveOf, thinned } from "../../../lib/report/runs/curves";

const curves = fc
  .array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 500 })
  .map((values) => ({ steps: values.map((_, index) => index + 1), values }));

describe("a curve", () => {
  it("has a value a step, in order, the last that was logged, and no value that is no number", () => {
    const point = (step: number, value: number) => ({ key: "m", step, value, timestamp: 0 });
    const points = [
      point(2, 5),
      point(1, 3),
      point(2, 6),
      point(3, NaN),
      { ...point(4, 0), value: "NaN" as unknown as number },
    ];
    expect(curveOf(points)).toEqual({ steps: [1, 2], values: [3, 6] });
  });

  it("has its best where the largest value is first", () => {
    expect(bestOf({ steps: [1, 2, 3], values: [0.1, 0.5, 0.5] })).toEqual({ value: 0.5, step: 2 });
    expect(bestOf({ steps: [], values: [] })).toBeNull();
  });

  it("is thinned to what is asked for: its own points, in order, ends included", () => {
    fc.assert(
      fc.property(curves, fc.integer({ min: 3, max: 100 }), (curve, most) => {
        const thin = thinned(curve, most);
        expect(thin.steps).toHaveLength(Math.min(most, curve.steps.length));
        expect([thin.steps[0], thin.steps.at(-1)]).toEqual([curve.steps[0], curve.steps.at(-1)]);
        expect(thin.steps).toEqual([...new Set(thin.steps)].sort((a, b) => a - b));
        thin.steps.forEach((step, index) => expect(thin.values[index]).toBe(curve.values[step - 1]));
      }),
    );
  });

  it("keeps a peak when it is thinned", () => {
    const values = Array.from({ length: 300 }, (_, epoch) => (epoch === 150 ? 1 : 0.001 * epoch));
    expect(thinned({ steps: values.map((_, epoch) => epoch), values }, 20).values).toContain(1);
  });
});
