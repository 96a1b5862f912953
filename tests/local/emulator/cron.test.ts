import fc from "fast-check";
import { cronProblem } from "../../../lib/environment/cron";
import { nextTime } from "../../../local/emulator/jobs/cron";

/** A Saturday. */
const from = Date.parse("2026-11-28T02:17:30Z");

describe("cron expressions", () => {
  test.each([
    ["0 3 * * *", "2026-11-28T03:00:00Z"],
    ["0 3 * * 1", "2026-11-30T03:00:00Z"],
    ["*/20 * * * *", "2026-11-28T02:20:00Z"],
    ["15,18 2 * * 6", "2026-11-28T02:18:00Z"],
    ["17 2 * * 6", "2026-12-05T02:17:00Z"],
    ["0 8-10/2 * * 1-5", "2026-11-30T08:00:00Z"],
  ])("%s fires next at %s", (expression, expected) => {
    expect(cronProblem(expression)).toBeUndefined();
    expect(new Date(nextTime(expression, from) ?? 0)).toEqual(new Date(expected));
  });

  test.each([
    ["0 3 * *", /five fields/],
    ["0 24 * * *", /the hour is \*, or numbers from 0 to 23/],
    ["0 3 1 * *", /Azure ML ignores the day of the month: write \* in its place, not 1/],
    ["0 3 * 6 *", /ignores the month/],
    ["0 3 * * 7", /day of the week/],
    ["*/0 3 * * *", /minute/],
    ["5-1 3 * * *", /minute/],
    ["0 3 * * mon", /day of the week/],
  ])("%s is refused, and told why", (expression, problem) => expect(cronProblem(expression)).toMatch(problem));

  test("what the configuration takes, the schedule takes, and fires within a week", () => {
    const part = (most: number) => fc.oneof(fc.constant("*"), fc.integer({ min: 0, max: most }).map(String));
    fc.assert(
      fc.property(part(59), part(23), part(6), (minute, hour, day) => {
        const expression = `${minute} ${hour} * * ${day}`;
        expect(cronProblem(expression)).toBeUndefined();
        const next = nextTime(expression, from) ?? 0;
        expect(next).toBeGreaterThan(from);
        expect(next - from).toBeLessThanOrEqual(7 * 24 * 3_600_000);
      }),
      { numRuns: 50 },
    );
  });
});
