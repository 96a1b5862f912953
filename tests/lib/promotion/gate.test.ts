import { judge, type Candidate, type Champion, type GateRules } from "../../../lib/promotion";

const rules: GateRules = {
  minimumMetric: 0.3,
  minimumDelta: 0.01,
  perClassMinimum: 0,
  minimumImages: 0,
  onNewData: "absolute",
  approval: "none",
};
const d1 = { asset: "val", version: "d1" };
const champion: Champion = { version: "9", metric: 0.5, data: d1, trial: "t0" };
const candidate = (more: Partial<Candidate> = {}): Candidate => ({
  job: "j",
  trial: "t1",
  metric: 0.6,
  perLabel: {},
  data: d1,
  images: null,
  ...more,
});

interface Case {
  name: string;
  candidate?: Partial<Candidate>;
  champion?: Partial<Champion> | null;
  rules?: Partial<GateRules>;
  outcome: "passes" | "needsApproval" | "held" | "champion";
  reason: string;
}

const cases: Case[] = [
  { name: "a better one", outcome: "passes", reason: "better by 0.1: 0.6000 against 0.5000 of version 9" },
  {
    name: "one that is better by just the delta",
    candidate: { metric: 0.75 },
    rules: { minimumDelta: 0.25 },
    outcome: "held",
    reason: "not better by more than 0.25: 0.7500 against 0.5000 of version 9",
  },
  {
    name: "an equal one",
    candidate: { metric: 0.5 },
    rules: { minimumDelta: 0 },
    outcome: "held",
    reason: "not better by more than 0: 0.5000 against 0.5000 of version 9",
  },
  {
    name: "one that is better by less than four digits show",
    candidate: { metric: 0.500002 },
    rules: { minimumDelta: 0 },
    outcome: "passes",
    reason: "better by 0.000002: 0.500002 against 0.500000 of version 9",
  },
  {
    name: "one without a figure",
    candidate: { metric: null },
    outcome: "held",
    reason: "the primary metric is null: t1 reported no figure",
  },
  {
    name: "NaN",
    candidate: { metric: NaN },
    outcome: "held",
    reason: "the primary metric is NaN: t1 reported no figure",
  },
  {
    name: "the first one",
    champion: null,
    outcome: "passes",
    reason: "first champion: 0.6000 reaches the minimum of 0.3",
  },
  {
    name: "the first one below the minimum",
    champion: null,
    candidate: { metric: 0.2 },
    outcome: "held",
    reason: "0.2000 is below the minimum of 0.3000",
  },
  {
    name: "the champion itself, whatever the rules are now",
    champion: { trial: "t1", metric: 0.6 },
    rules: { minimumMetric: 0.9, approval: "required" },
    outcome: "champion",
    reason: "version 9 is this model already (0.6000)",
  },
  {
    name: "a worse one on new data",
    candidate: { metric: 0.4, data: { asset: "val", version: "d2" } },
    outcome: "passes",
    reason:
      "other validation data, so the absolute rules decide: 0.4000 on val:d2 reaches the minimum of 0.3, and version 9 has 0.5000 on val:d1, which cannot be compared",
  },
  {
    name: "one below the minimum on new data",
    candidate: { metric: 0.2, data: { asset: "val", version: "d2" } },
    outcome: "held",
    reason: "0.2000 is below the minimum of 0.3000",
  },
  {
    name: "one on new data, where that waits",
    candidate: { data: { asset: "val", version: "d2" } },
    rules: { onNewData: "hold" },
    outcome: "needsApproval",
    reason:
      "other validation data: 0.6000 on val:d2 reaches the minimum of 0.3, and version 9 has 0.5000 on val:d1, which cannot be compared",
  },
  {
    name: "one against a champion without a figure",
    champion: { metric: null },
    rules: { onNewData: "hold" },
    outcome: "needsApproval",
    reason:
      "other validation data: 0.6000 on val:d1 reaches the minimum of 0.3, and version 9 has no recorded figure, which cannot be compared",
  },
  {
    name: "a better one, where approval is required",
    rules: { approval: "required" },
    outcome: "needsApproval",
    reason: "better by 0.1: 0.6000 against 0.5000 of version 9",
  },
  {
    name: "one measured on too few images",
    candidate: { images: 19 },
    rules: { minimumImages: 20 },
    outcome: "held",
    reason: "0.6000 was measured on 19 images, fewer than the 20 asked for",
  },
  {
    name: "one measured on enough images",
    candidate: { images: 20 },
    rules: { minimumImages: 20 },
    outcome: "passes",
    reason: "better by 0.1: 0.6000 against 0.5000 of version 9",
  },
  {
    name: "one measured on nobody knows how many images",
    rules: { minimumImages: 20 },
    outcome: "held",
    reason:
      "nobody knows how many images validation data val:d1 has, and at least 20 are asked for (its figure: 0.6000)",
  },
  {
    name: "one with a weak label",
    candidate: { perLabel: { cat: 0.7, dog: 0.1, cow: NaN } },
    rules: { perClassMinimum: 0.2 },
    outcome: "held",
    reason: "single labels are too weak: dog 0.1000 is below 0.2000; cow NaN is below 0.2000 (mean: 0.6000)",
  },
  {
    name: "one without the label that has a floor",
    candidate: { perLabel: { cat: 0.7 } },
    rules: { perClassMinimum: { cat: 0.5, toString: 0.1 } },
    outcome: "held",
    reason: "single labels are too weak: toString was not reported, and its floor is 0.1 (mean: 0.6000)",
  },
  {
    name: "one that reports no labels, where there is a floor",
    rules: { perClassMinimum: 0.2 },
    outcome: "held",
    reason: "its run reported no figures of single labels, and the floor for them is 0.2 (mean: 0.6000)",
  },
  {
    name: "one whose labels reach their floors",
    candidate: { perLabel: { cat: 0.5, dog: 0.1 } },
    rules: { perClassMinimum: { cat: 0.5 } },
    outcome: "passes",
    reason: "better by 0.1: 0.6000 against 0.5000 of version 9",
  },
];

describe("the gate says of", () => {
  test.each(cases)("$name: $outcome", ({ candidate: own, champion: other, rules: more, outcome, reason }) => {
    const serving = other === null ? undefined : { ...champion, ...other };
    expect(judge(candidate(own), serving, { ...rules, ...more })).toEqual({ outcome, reason });
  });
});
