import { agreementOf, compareBoxes } from "../../../lib/labeling/comparison";
import { isExportDue, stepOf } from "../../../lib/labeling/export/due";
import type { LastExport } from "../../../lib/labeling/export/lastExport";
import { outcomeOf, type Annotation } from "../../../lib/labeling/outcome";

const box = (label: string, topX: number, topY: number, bottomX: number, bottomY: number) => {
  return { label, topX, topY, bottomX, bottomY };
};

describe("what people make of suggested boxes", () => {
  test("is taken, moved, deleted or missed, by label, and each box counts once", () => {
    const suggested = [
      box("person", 0, 0, 0.5, 0.5),
      box("person", 0, 0, 0.5, 0.45),
      box("food", 0.6, 0.6, 0.9, 0.9),
      box("animal", 0.1, 0.6, 0.3, 0.9),
    ];
    const final = [box("person", 0, 0, 0.5, 0.5), box("food", 0.65, 0.6, 0.95, 0.9), box("food", 0.1, 0.6, 0.3, 0.9)];
    const changes = compareBoxes(suggested, final);
    expect(Object.fromEntries(changes)).toEqual({
      person: { unchanged: 1, moved: 0, deleted: 1, missed: 0 },
      food: { unchanged: 0, moved: 1, deleted: 0, missed: 1 },
      animal: { unchanged: 0, moved: 0, deleted: 1, missed: 0 },
    });
  });

  test("is agreement as F1, and unknown without boxes", () => {
    expect(agreementOf({ unchanged: 2, moved: 1, deleted: 1, missed: 1 })).toBeCloseTo(0.75);
    expect(agreementOf({ unchanged: 0, moved: 0, deleted: 0, missed: 0 })).toBeNull();
  });
});

describe("an export is due", () => {
  const last = { done: 100, rules: "same" } as LastExport;
  const done = (labeled: number, total = 400) => ({ labeled, total, left: total - labeled });
  test.each([
    ["count", 25, done(124), false],
    ["count", 25, done(125), true],
    ["percent", 10, done(139), false],
    ["percent", 10, done(140), true],
    ["count", 25, done(101, 101), true],
    ["count", 25, done(100, 100), false],
    ["manual", 1, done(400), false],
  ] as const)("by %s of %d with %j: %s", (exportOn, exportStep, now, due) => {
    expect(isExportDue({ exportOn, exportStep }, now, last, "same")).toBe(due);
  });

  test("when its rules are others, and never at less than an image", () => {
    expect(isExportDue({ exportOn: "count", exportStep: 25 }, done(100), last, "other")).toBe(true);
    expect(stepOf({ exportOn: "percent", exportStep: 1 }, 20)).toBe(1);
    expect(isExportDue({ exportOn: "percent", exportStep: 1 }, done(0, 20), null, "same")).toBe(false);
  });
});

test("the annotation that counts is the one that was marked, a reviewer's, or the newest, of those whose work counts", () => {
  const by = (person: number, updated: string, more: Partial<Annotation> = {}): Annotation => ({
    ...{ id: person, completed_by: person, was_cancelled: false, ground_truth: false, created_at: updated },
    ...{ updated_at: updated, result: [], ...more },
  });
  const [old, middle, fresh] = [
    by(1, "2026-01-01T00:00:00Z"),
    by(2, "2026-01-02T00:00:00Z"),
    by(3, "2026-01-03T00:00:00Z"),
  ];
  const chosen = (annotations: Annotation[], counting = {}) => {
    const outcome = outcomeOf(annotations, counting);
    return outcome.kind === "empty" ? outcome.annotation.completed_by : outcome.kind;
  };
  expect(chosen([old, fresh, middle])).toBe(3);
  const isReviewer = (person: number) => person === 2;
  expect(chosen([old, fresh, middle], { isReviewer })).toBe(2);
  expect(chosen([{ ...old, ground_truth: true }, fresh, middle], { isReviewer })).toBe(1);
  expect(chosen([old, fresh], { counts: (person: number) => person === 1 })).toBe(1);
  expect(chosen([fresh], { counts: (person: number) => person === 1 })).toBe("left");
});
