import fc from "fast-check";
import {
  championOf,
  compareVersions,
  lastPromoted,
  nextVersion,
  pastChampions,
  promotionTime,
  type VersionRecord,
} from "../../../lib/promotion";

const at = (hour: number) => new Date(Date.UTC(2026, 0, 1, hour)).toISOString();
const of = (version: string, more: Partial<VersionRecord> = {}): VersionRecord => ({
  version,
  archived: false,
  tagged: false,
  ...more,
});

describe("the champion", () => {
  test("between the two writes of a promotion is the new one, of a rollback too", () => {
    const [one, two] = [of("1", { tagged: true, promotedAt: at(1) }), of("2", { tagged: true, promotedAt: at(2) })];
    expect(championOf([one, two])?.version).toBe("2");
    expect(championOf([{ ...one, promotedAt: at(3) }, two])?.version).toBe("1");
  });

  test("is never archived", () => {
    const versions = [of("1", { promotedAt: at(1) }), of("2", { tagged: true, archived: true, promotedAt: at(2) })];
    expect(championOf(versions)).toBeUndefined();
    expect(lastPromoted(versions)?.version).toBe("1");
  });

  test("by the record of promotions stays where hands move the tag", () => {
    const versions = [
      of("1", { tagged: true, promotedAt: at(1) }),
      of("2", { promotedAt: at(2) }),
      of("3", { tagged: true }),
    ];
    expect(lastPromoted(versions)?.version).toBe("2");
  });

  test("is what somebody tagged where nothing was ever promoted", () => {
    expect(lastPromoted([of("1"), of("9", { tagged: true }), of("10", { tagged: true })])?.version).toBe("10");
  });

  test("is one, whatever crashed between the writes of promotions", () => {
    const step = fc.record({ version: fc.integer({ min: 1, max: 5 }), crash: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        let versions = [1, 2, 3, 4, 5].map((number) => of(String(number)));
        for (const { version, crash } of steps) {
          const promotedAt = promotionTime(versions, 0);
          versions = versions.map((one) => (one.version === `${version}` ? { ...one, tagged: true, promotedAt } : one));
          // What readers see after the first write, and after the second.
          expect(championOf(versions)?.version).toBe(`${version}`);
          if (crash) continue;
          versions = versions.map((one) => ({ ...one, tagged: one.version === `${version}` }));
          expect(championOf(versions)?.version).toBe(`${version}`);
        }
        expect(lastPromoted(versions)).toEqual(championOf(versions));
      }),
    );
  });
});

test("those before the champion are told with the last one first", () => {
  const versions = [
    of("1", { promotedAt: at(1) }),
    of("2", { promotedAt: at(3) }),
    of("3"),
    of("10", { promotedAt: at(2) }),
  ];
  expect(pastChampions(versions, "2").map(({ version }) => version)).toEqual(["10", "1"]);
});

test("a promotion is after all others, also where another clock was ahead", () => {
  expect(promotionTime([of("1", { promotedAt: at(5) })], Date.parse(at(1)))).toBe("2026-01-01T05:00:00.001Z");
  expect(promotionTime([of("1", { promotedAt: "yesterday" })], Date.parse(at(1)))).toBe(at(1));
});

describe("versions", () => {
  test("are compared as numbers, and those that are none come first", () => {
    expect(["10", "9", "v2", "2", "1.5"].sort(compareVersions)).toEqual(["1.5", "v2", "2", "9", "10"]);
  });

  test("are numbered after all that were ever in use", () => {
    expect(nextVersion([])).toBe("1");
    expect(nextVersion([of("9"), of("10"), of("v2"), of("99", { archived: true })])).toBe("100");
    expect(nextVersion([of("9")], ["12", "", "deleted"])).toBe("13");
  });

  test("are in a total order", () => {
    const version = fc.oneof(fc.nat().map(String), fc.string({ maxLength: 4 }));
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0);
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
          expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});
