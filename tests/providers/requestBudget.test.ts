import fc from "fast-check";
import { RequestBudget } from "../../providers/trainingJob/requestBudget";

describe("the budget of requests", () => {
  test("never gives away more than its rate, and a second's worth at once after a rest", () => {
    const asked = fc.array(
      fc.record({ afterMs: fc.integer({ min: 0, max: 700 }), requests: fc.integer({ min: 1, max: 4 }) }),
      {
        maxLength: 200,
      },
    );
    fc.assert(
      fc.property(asked, fc.integer({ min: 1, max: 20 }), (steps, perSecond) => {
        let now = 10_000;
        const budget = new RequestBudget(perSecond, () => now);
        const given: number[] = [];
        for (const { afterMs, requests } of steps) {
          now += afterMs;
          if (budget.tryTake(requests)) given.push(...Array.from({ length: requests }, () => now));
        }
        for (const [index, from] of given.entries()) {
          for (let last = index; last < given.length; last++) {
            const seconds = ((given[last] ?? 0) - from) / 1_000;
            expect(last - index + 1).toBeLessThanOrEqual(perSecond * (seconds + 1) + 1e-6);
          }
        }
      }),
    );
  });

  test("gives what is to spare", () => {
    const budget = new RequestBudget(8, () => 10_000);
    expect(budget.tryTake(8)).toBe(true);
    expect(budget.tryTake(1)).toBe(false);
  });
});
