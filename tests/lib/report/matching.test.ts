import fc from "fast-check";
import { confusionOf, matchBoxes, mistakesOf, nothing, type TruthBox } from "../../../lib/report/pictures/matching";
import type { Detection } from "../../../lib/serving/detections";

const truth = (label: string, topX: number, more: Partial<TruthBox> = {}): TruthBox => ({
  label,
  topX,
  topY: 0,
  bottomX: topX + 0.2,
  bottomY: 0.2,
  ...more,
});
const found = (label: string, topX: number, score = 0.9): Detection => ({ ...truth(label, topX), score });

const boxes = fc.array(
  fc.record({
    label: fc.constantFrom("a", "b", "c"),
    topX: fc.double({ min: 0, max: 0.8, noNaN: true }),
    crowd: fc.boolean(),
  }),
  { maxLength: 8 },
);

describe("objects and boxes", () => {
  it("match by overlap, the object's own label first", () => {
    const matched = matchBoxes([truth("cat", 0)], [found("dog", 0), found("cat", 0.02)]);
    expect(matched.pairs.map((pair) => pair.found.label)).toEqual(["cat"]);
    expect(matched.invented.map(({ label }) => label)).toEqual(["dog"]);
    expect(mistakesOf(matched)).toBe(1);
  });

  it("leave crowds, and boxes on them, out", () => {
    const matched = matchBoxes([truth("cat", 0, { isCrowd: true })], [found("cat", 0)]);
    expect(matched).toEqual({ pairs: [], missed: [], invented: [] });
  });

  it("are counted by what they are and what they were taken for", () => {
    const matched = matchBoxes(
      [truth("cat", 0), truth("dog", 0.4), truth("cow", 0.7)],
      [found("cat", 0), found("cat", 0.4)],
    );
    const { labels, counts } = confusionOf([matched]);
    expect(labels).toEqual(["cat", "cow", "dog"]);
    expect(counts.get("cat")?.get("cat")).toBe(1);
    expect(counts.get("dog")?.get("cat")).toBe(1);
    expect(counts.get("cow")?.get(nothing)).toBe(1);
    expect(mistakesOf(matched)).toBe(2);
  });

  it("are each counted once, whatever they are", () => {
    fc.assert(
      fc.property(boxes, boxes, (objects, detections) => {
        const truths = objects.map(({ label, topX, crowd }) => truth(label, topX, { isCrowd: crowd }));
        const matched = matchBoxes(
          truths,
          detections.map(({ label, topX }) => found(label, topX)),
        );
        expect(matched.pairs.length + matched.missed.length).toBe(truths.filter(({ isCrowd }) => !isCrowd).length);
        expect(matched.pairs.length + matched.invented.length).toBeLessThanOrEqual(detections.length);
        const all = [...confusionOf([matched]).counts.values()].flatMap((row) => [...row.values()]);
        const sum = all.reduce((total, count) => total + count, 0);
        expect(sum).toBe(matched.pairs.length + matched.missed.length + matched.invented.length);
      }),
    );
  });
});
