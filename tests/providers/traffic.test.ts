import fc from "fast-check";
import { servingWithout, stepTraffic } from "../../providers/endpointTraffic/traffic";

const names = ["d-1", "d-2", "d-3", "d-4"];
const shares = fc
  .array(fc.integer({ min: 0, max: 100 }), { minLength: names.length, maxLength: names.length })
  .map((values) => Object.fromEntries(names.map((name, index) => [name, values[index] ?? 0])));

test("every step of a rollout sums to 100, in whole shares above 0, from whatever serves", () => {
  fc.assert(
    fc.property(shares, fc.integer({ min: 1, max: 100 }), (traffic, share) => {
      const serving = servingWithout(traffic, "d-new");
      const step = stepTraffic(serving, "d-new", Object.keys(serving).length === 0 ? 100 : share);
      const values = Object.values(step);
      expect(values.reduce((sum, value) => sum + value, 0)).toBe(100);
      expect(values.every((value) => Number.isInteger(value) && value > 0)).toBe(true);
    }),
  );
});

test("what serves is all but the new one, in its own proportions", () => {
  expect(servingWithout({ old: 90, fresh: 10 }, "fresh")).toEqual({ old: 100 });
  expect(servingWithout({ a: 60, b: 30, fresh: 10 }, "fresh")).toEqual({ a: 67, b: 33 });
  expect(servingWithout({ fresh: 100 }, "fresh")).toEqual({});
  expect(stepTraffic({ old: 100 }, "fresh", 100)).toEqual({ fresh: 100 });
});
