import fc from "fast-check";
import {
  decide,
  foremost,
  isFigure,
  sameData,
  type Candidate,
  type Champion,
  type Contest,
  type GateRules,
} from "../../../lib/promotion";

const d1 = { asset: "val", version: "d1" };
const d2 = { asset: "val", version: "d2" };
const rules: GateRules = {
  minimumMetric: 0.3,
  minimumDelta: 0.01,
  perClassMinimum: 0,
  minimumImages: 0,
  onNewData: "absolute",
  approval: "none",
};
const champion: Champion = { version: "9", metric: 0.5, data: d1, trial: "t0" };
const of = (trial: string, metric: number | null, more: Partial<Candidate> = {}): Candidate => ({
  job: `job-of-${trial}`,
  trial,
  metric,
  perLabel: {},
  data: d1,
  images: null,
  ...more,
});
const contest = (more: Partial<Contest> = {}): Contest => ({
  champion,
  data: d1,
  rules,
  isApproved: () => false,
  ...more,
});
const outcomes = (candidates: readonly Candidate[], more: Partial<Contest> = {}) =>
  Object.fromEntries(decide(candidates, contest(more)).map(({ candidate, outcome }) => [candidate.trial, outcome]));

describe("among the candidates of several jobs", () => {
  test("the best is promoted, and the others hear why not", () => {
    const [worse, better] = decide([of("a", 0.6), of("b", 0.7)], contest());
    expect(worse).toMatchObject({ outcome: "held", reason: "would pass, and b goes before it: 0.6000 against 0.7000" });
    expect(better).toMatchObject({ outcome: "promoted", reason: "better by 0.2: 0.7000 against 0.5000 of version 9" });
  });

  test("the first of equal ones is promoted", () => {
    expect(outcomes([of("a", 0.6), of("b", 0.6)])).toEqual({ a: "promoted", b: "held" });
    expect(outcomes([of("b", 0.6), of("a", 0.6)])).toEqual({ a: "held", b: "promoted" });
  });

  test("a better one that breaks a rule does not stop one that keeps it", () => {
    const floor = { rules: { ...rules, perClassMinimum: 0.2 } };
    const [a, b] = [of("a", 0.7, { perLabel: { cat: 0.1 } }), of("b", 0.6, { perLabel: { cat: 0.3 } })];
    expect(outcomes([a, b], floor)).toEqual({ a: "held", b: "promoted" });
  });

  test("one that was measured on other data than the stack's is not compared with the rest", () => {
    const [a, b] = decide([of("a", 0.9, { data: d2 }), of("b", 0.6)], contest());
    expect(a).toMatchObject({
      outcome: "held",
      reason:
        "0.9000 was measured on validation data val:d2, and the stack's is val:d1: the figures cannot be compared",
    });
    expect(b?.outcome).toBe("promoted");
  });

  test("data that all jobs bring themselves counts as the stack's", () => {
    expect(outcomes([of("a", 0.6, { data: d2 })], { champion: undefined })).toEqual({ a: "promoted" });
    const apart = [of("a", 0.6, { data: d2 }), of("b", 0.6, { data: { version: "d3" } })];
    expect(outcomes(apart, { champion: undefined })).toEqual({ a: "held", b: "held" });
  });

  test("the note about a trial is part of its reason", () => {
    const [only] = decide([of("a", 0.6, { note: "b has no outputs/model.pt" })], contest());
    expect(only?.reason).toBe("better by 0.1: 0.6000 against 0.5000 of version 9 (b has no outputs/model.pt)");
  });
});

describe("with approval", () => {
  const required = { rules: { ...rules, approval: "required" as const } };

  test("the best that passes waits, and no other", () => {
    expect(outcomes([of("a", 0.6), of("b", 0.7), of("c", 0.4)], required)).toEqual({
      a: "held",
      b: "pending",
      c: "held",
    });
  });

  test("the approved one is promoted, and a still better one waits against it", () => {
    const judged = decide(
      [of("a", 0.6), of("b", 0.7)],
      contest({ ...required, isApproved: ({ trial }) => trial === "a" }),
    );
    expect(judged[0]).toMatchObject({
      outcome: "promoted",
      reason: expect.stringMatching(/^approved: better by 0\.1/) as string,
    });
    expect(judged[1]).toMatchObject({ outcome: "pending", reason: "better by 0.1: 0.7000 against 0.6000 of a" });
  });

  test("it helps none that breaks a rule or is worse than the champion", () => {
    expect(outcomes([of("a", 0.4), of("b", 0.1)], { ...required, isApproved: () => true })).toEqual({
      a: "held",
      b: "held",
    });
  });

  test("an approved one may be of the champion's data when the stack has moved on", () => {
    const isApproved = ({ trial }: Candidate) => trial === "old";
    expect(outcomes([of("old", 0.6), of("new", 0.4, { data: d2 })], { ...required, data: d2, isApproved })).toEqual({
      old: "promoted",
      new: "pending",
    });
  });
});

describe("always", () => {
  const metric = fc.oneof(
    { weight: 4, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
    { weight: 1, arbitrary: fc.constantFrom<number | null>(0.5, 0.6, NaN, null) },
  );
  const data = fc.constantFrom(d1, d2, { version: "d1" });
  const anyCandidate = fc.record({
    job: fc.constantFrom("j1", "j2"),
    trial: fc.stringMatching(/^t[0-9]$/),
    metric,
    perLabel: fc.dictionary(fc.constantFrom("cat", "dog"), fc.oneof(fc.double({ min: 0, max: 1 }), fc.constant(NaN))),
    data,
    images: fc.oneof(fc.nat(40), fc.constant(null)),
  });
  const candidates = fc.uniqueArray(anyCandidate, { selector: ({ trial }) => trial, maxLength: 5 });
  const anyChampion = fc.option(
    fc.record({
      version: fc.constantFrom("9", "10", "v-next"),
      metric: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constant(null)),
      data,
      trial: fc.stringMatching(/^t[0-9]$/),
    }),
    { nil: undefined },
  ) as fc.Arbitrary<Champion | undefined>;
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const anyRules = fc.record({
    minimumMetric: share,
    minimumDelta: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 0.2, noNaN: true })),
    perClassMinimum: fc.oneof(fc.constant(0), share, fc.dictionary(fc.constantFrom("cat", "dog", "cow"), share)),
    minimumImages: fc.oneof(fc.constant(0), fc.nat(40)),
    onNewData: fc.constantFrom("absolute" as const, "hold" as const),
    approval: fc.constantFrom("none" as const, "required" as const),
  });
  const approvedTrial = fc.option(fc.stringMatching(/^t[0-9]$/), { nil: undefined });
  const anyContest = fc
    .record({ champion: anyChampion, data, rules: anyRules, approvedTrial })
    .map(({ approvedTrial: approved, ...rest }): Contest => ({
      ...rest,
      isApproved: ({ trial }) => trial === approved,
    }));
  const law = (check: (all: Candidate[], given: Contest) => void) =>
    fc.assert(fc.property(candidates, anyContest, check), { numRuns: 500 });
  const promotedOf = (all: readonly Candidate[], given: Contest) =>
    decide(all, given).filter(({ outcome }) => outcome === "promoted");

  test("at most one is promoted and at most one waits", () => {
    law((all, given) => {
      const judged = decide(all, given);
      expect(judged.map(({ candidate }) => candidate)).toEqual(all);
      for (const outcome of ["promoted", "pending", "champion"] as const)
        expect(judged.filter((one) => one.outcome === outcome).length).toBeLessThanOrEqual(1);
      expect(foremost(judged) === undefined).toBe(all.length === 0);
    });
  });

  test("what is promoted keeps every absolute rule", () => {
    law((all, given) => {
      for (const { candidate } of promotedOf(all, given)) {
        const { minimumMetric, minimumImages, perClassMinimum: floor } = given.rules;
        expect(candidate.metric).toBeGreaterThanOrEqual(minimumMetric);
        if (minimumImages > 0) expect(candidate.images).toBeGreaterThanOrEqual(minimumImages);
        const floors =
          typeof floor === "number"
            ? Object.keys(candidate.perLabel).map((label) => [label, floor] as const)
            : Object.entries(floor);
        for (const [label, least] of floors)
          if (floor !== 0) expect(candidate.perLabel[label]).toBeGreaterThanOrEqual(least);
      }
    });
  });

  test("no champion gives way to one that is not better on the same data", () => {
    law((all, given) => {
      const { champion: serving } = given;
      for (const { candidate } of promotedOf(all, given)) {
        if (!serving || !isFigure(serving.metric) || !sameData(serving.data, candidate.data)) continue;
        expect(Number(candidate.metric) - serving.metric).toBeGreaterThan(given.rules.minimumDelta);
      }
    });
  });

  test("nothing unapproved is promoted where an approval is required, or on other data where that waits", () => {
    law((all, given) => {
      const { champion: serving, rules: own } = given;
      for (const { candidate } of promotedOf(all, given)) {
        const otherData = serving && !(isFigure(serving.metric) && sameData(serving.data, candidate.data));
        if (own.approval === "required" || (own.onNewData === "hold" && otherData))
          expect(given.isApproved(candidate)).toBe(true);
      }
    });
  });

  test("the order of candidates decides between exactly equal ones only", () => {
    law((all, given) => {
      const byTrial = (list: readonly Candidate[]) =>
        decide(list, given)
          .map(({ candidate, outcome, reason }) => [candidate.trial, outcome, reason] as const)
          .sort(([a], [b]) => (a < b ? -1 : 1));
      const figures = all.flatMap(({ metric: value }) => (isFigure(value) ? [value] : []));
      fc.pre(new Set(figures).size === figures.length);
      expect(byTrial([...all].reverse())).toEqual(byTrial(all));
    });
  });

  test("a reason has the candidate's figure, and the champion's where the two were compared", () => {
    law((all, given) => {
      for (const { candidate, reason } of decide(all, given)) {
        const numbers = (reason.match(/\d+(\.\d+)?(e-?\d+)?/g) ?? []).map(Number);
        const tells = (value: number) => expect(numbers.some((number) => Math.abs(number - value) <= 1e-4)).toBe(true);
        if (isFigure(candidate.metric)) tells(candidate.metric);
        else expect(reason).toContain(String(candidate.metric));
        if (/of version/.test(reason)) tells(Number(given.champion?.metric));
      }
    });
  });
});
