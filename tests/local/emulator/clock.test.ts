import fc from "fast-check";
import type { Store } from "../../../local/emulator/contracts";
import { changed, LocalClock, localTime, type ClockState } from "../../../local/emulator/time/clock";

const moment = fc.integer({ min: 0, max: 10_000_000 });
const change = fc.record(
  {
    rate: fc.double({ min: 0.01, max: 1000, noNaN: true }),
    stopped: fc.boolean(),
    advanceSeconds: fc.integer({ min: 0, max: 100_000 }),
  },
  { requiredKeys: [] },
);

describe("local time", () => {
  const begin: ClockState = { realMs: 0, localMs: 0, rate: 1, stopped: false };

  test("never goes back, whatever is changed", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(moment, change)), (steps) => {
        let [state, real, last] = [begin, 0, 0];
        for (const [pause, next] of steps) {
          real += pause;
          state = changed(state, next, real);
          const now = localTime(state, real);
          expect(now).toBeGreaterThanOrEqual(last);
          last = now;
        }
      }),
    );
  });

  test.each([
    ["runs as fast as it is told", { rate: 60 }, 60_000],
    ["stands still when it is stopped", { stopped: true }, 0],
    ["leaps", { advanceSeconds: 3600 }, 3_601_000],
    ["leaps while it stands still", { stopped: true, advanceSeconds: 60 }, 60_000],
  ])("%s", (_what, given, expected) => {
    expect(localTime(changed(begin, given, 0), 1_000)).toBe(expected);
  });

  test("runs on when it gets a speed, and keeps its speed when it is stopped and goes on", () => {
    const stopped = changed(changed(begin, { rate: 10 }, 0), { stopped: true }, 0);
    expect(localTime(changed(stopped, { stopped: false }, 5), 105)).toBe(1_000);
    expect(localTime(changed(stopped, { rate: 2 }, 5), 105)).toBe(200);
  });
});

describe("the clock of the local cloud", () => {
  beforeEach(() => jest.useFakeTimers({ now: 1_000_000 }));
  afterEach(() => jest.useRealTimers());

  const storeOf = (kept: Map<string, unknown>): Store =>
    ({
      table: () => ({
        get: (key: string) => kept.get(key),
        put: (key: string, value: unknown) => Promise.resolve(void kept.set(key, value)),
      }),
    }) as unknown as Store;
  const open = (kept = new Map<string, unknown>(), adjustable = true) => LocalClock.open(storeOf(kept), adjustable);

  test("acts at its own time, once", async () => {
    const clock = await open();
    const acted: string[] = [];
    clock.at(clock.now() + 60_000, () => acted.push("minute"));
    clock.at(clock.now() + 50 * 86_400_000, () => acted.push("fifty days"));
    clock.at(clock.now() + 1, () => acted.push("canceled")).cancel();
    jest.advanceTimersByTime(59_999);
    expect(acted).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(acted).toEqual(["minute"]);
    jest.advanceTimersByTime(50 * 86_400_000);
    expect(acted).toEqual(["minute", "fifty days"]);
  });

  test("acts when a leap or a new speed has brought it to the time", async () => {
    const clock = await open();
    const acted: string[] = [];
    await clock.change({ stopped: true });
    clock.at(clock.now() + 60_000, () => acted.push("leap"));
    clock.at(clock.now() + 120_000, () => acted.push("speed"));
    jest.advanceTimersByTime(3_600_000);
    expect(acted).toEqual([]);
    await clock.change({ advanceSeconds: 60 });
    jest.advanceTimersByTime(0);
    expect(acted).toEqual(["leap"]);
    await clock.change({ rate: 60 });
    jest.advanceTimersByTime(1_000);
    expect(acted).toEqual(["leap", "speed"]);
  });

  test("goes on after a restart from where it was, and as real time does where it cannot be changed", async () => {
    const kept = new Map<string, unknown>();
    const first = await open(kept);
    await first.change({ rate: 60, advanceSeconds: 86_400 });
    jest.advanceTimersByTime(1_000);
    const again = await open(kept);
    expect(again.now()).toBe(first.now());
    const usual = await open(kept, false);
    expect(usual.show()).toMatchObject({ rate: 1, stopped: false });
    expect(usual.now()).toBe(again.now());
  });

  test("tells those with a clock of their own when a time will come", async () => {
    const clock = await open();
    await clock.change({ rate: 60 });
    expect(clock.realTimeOf(clock.now() + 3_600_000)).toBe(Date.now() + 60_000);
    await clock.change({ stopped: true });
    expect(clock.realTimeOf(clock.now() + 1)).toBe(Infinity);
  });
});
