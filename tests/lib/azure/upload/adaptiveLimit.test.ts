import { AdaptiveLimit } from "../../../../lib/azure/upload/adaptiveLimit";
import { ByteBudget } from "../../../../lib/azure/upload/byteBudget";

class Refused extends Error {}
const busyOf = (error: unknown) => (error instanceof Refused ? { retryAfterMs: 0 } : undefined);
const refuse = () => Promise.reject(new Refused());
const nothing = async () => {};

describe("the limit of requests", () => {
  test("halves once for a burst of refusals, is never below 1, and comes back with each round of answers", async () => {
    const limit = new AdaptiveLimit(8);
    await Promise.allSettled(Array.from({ length: 8 }, () => limit.run(refuse, busyOf)));
    expect(limit.current).toBe(4);
    for (let tries = 0; tries < 5; tries++) await limit.run(refuse, busyOf).catch(() => {});
    expect(limit.current).toBe(1);
    for (let answers = 0; answers < 3; answers++) await limit.run(nothing, busyOf);
    expect(limit.current).toBeGreaterThan(2);
    for (let answers = 0; answers < 100; answers++) await limit.run(nothing, busyOf);
    expect(limit.current).toBe(8);
  });

  test("is kept, and everyone who waits gets a turn", async () => {
    const limit = new AdaptiveLimit(3);
    let [running, most, done] = [0, 0, 0];
    const request = async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      if (++done % 7 === 0) throw new Refused();
    };
    await Promise.allSettled(Array.from({ length: 50 }, () => limit.run(request, busyOf)));
    expect([most, done]).toEqual([3, 50]);
  });

  test("other failures leave it as it is", async () => {
    const limit = new AdaptiveLimit(4);
    await expect(limit.run(() => Promise.reject(new Error("other")), busyOf)).rejects.toThrow("other");
    expect(limit.current).toBe(4);
  });
});

test("a budget lets in what fits, in order, and what is larger than all of it alone", async () => {
  const budget = new ByteBudget(10);
  let [held, most] = [0, 0];
  const order: number[] = [];
  const use = (bytes: number, index: number) =>
    budget.holding(bytes, async () => {
      order.push(index);
      most = Math.max(most, (held += Math.min(bytes, 10)));
      await new Promise((resolve) => setImmediate(resolve));
      held -= Math.min(bytes, 10);
    });
  await Promise.all([4, 5, 100, 1, 10, 3].map(use));
  expect([most, order]).toEqual([10, [0, 1, 2, 3, 4, 5]]);
});
