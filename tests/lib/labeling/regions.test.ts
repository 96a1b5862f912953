import fc from "fast-check";
import { outcomeOf, type Annotation } from "../../../lib/labeling/outcome";
import { readRegion, toRegion, type Region, type ShareBox } from "../../../lib/labeling/regions";
import { labelConfig, labelsOf } from "../../../lib/labeling/labelConfig";

const image = { width: 640, height: 427 };
const share = fc.double({ min: 0, max: 1, noNaN: true });
const box: fc.Arbitrary<ShareBox> = fc
  .tuple(share, share, share, share)
  .map(([a, b, c, d]) => ({
    label: "person",
    ...{ topX: Math.min(a, b), bottomX: Math.max(a, b), topY: Math.min(c, d), bottomY: Math.max(c, d) },
  }))
  .filter(({ topX, topY, bottomX, bottomY }) => bottomX - topX > 1e-9 && bottomY - topY > 1e-9);

const region = (value: Partial<Region["value"]>, more: Partial<Region> = {}): Region => {
  const plain = toRegion({ label: "person", topX: 0.1, topY: 0.2, bottomX: 0.4, bottomY: 0.6 }, image);
  return { ...plain, ...more, value: { ...plain.value, ...value } };
};

describe("a region of Label Studio", () => {
  test("is the box that it was made from, within a millionth", () => {
    fc.assert(
      fc.property(box, (made) => {
        const read = readRegion(toRegion(made, image, 0.5));
        if (typeof read === "string") throw new Error(read);
        for (const side of ["topX", "topY", "bottomX", "bottomY"] as const)
          expect(Math.abs(read.box[side] - made[side])).toBeLessThan(1e-9);
        expect([read.box.label, read.rotated]).toEqual(["person", false]);
      }),
    );
  });

  test("that is turned becomes the box around its corners, in pixels", () => {
    fc.assert(
      fc.property(
        fc.record({ cx: share, cy: share, w: share, h: share, degrees: fc.integer({ min: 1, max: 359 }) }),
        ({ cx, cy, w, h, degrees }) => {
          // Small and in the middle, so that nothing is cut: the top left corner stays where it is.
          const [x, y, width, height] = [45 + 10 * cx, 45 + 10 * cy, 1 + 9 * w, 1 + 9 * h];
          const read = readRegion(region({ x, y, width, height, rotation: degrees }));
          if (typeof read === "string") throw new Error(read);
          const angle = (degrees * Math.PI) / 180;
          const corner = { x: (x / 100) * image.width, y: (y / 100) * image.height };
          const along = {
            x: (width / 100) * image.width * Math.cos(angle),
            y: (width / 100) * image.width * Math.sin(angle),
          };
          const down = {
            x: -(height / 100) * image.height * Math.sin(angle),
            y: (height / 100) * image.height * Math.cos(angle),
          };
          const xs = [0, along.x, down.x, along.x + down.x].map((dx) => (corner.x + dx) / image.width);
          const ys = [0, along.y, down.y, along.y + down.y].map((dy) => (corner.y + dy) / image.height);
          expect(read.rotated).toBe(true);
          expect(read.box.topX).toBeCloseTo(Math.min(...xs), 9);
          expect(read.box.bottomX).toBeCloseTo(Math.max(...xs), 9);
          expect(read.box.topY).toBeCloseTo(Math.min(...ys), 9);
          expect(read.box.bottomY).toBeCloseTo(Math.max(...ys), 9);
        },
      ),
    );
  });

  test.each<[string, Region]>([
    ["zero area", region({ width: 0 })],
    ["negative size", region({ height: -1 })],
    ["outside the image", region({ x: 101 })],
    ["not finite (NaN or infinite)", region({ x: NaN })],
    ["no label", region({ rectanglelabels: [] })],
    ["several labels", region({ rectanglelabels: ["person", "food"] })],
    ["no rectangle", region({}, { type: "polygonlabels" })],
    ["the image was turned", region({}, { image_rotation: 90 })],
  ])("is no box: %s", (reason, given) => expect(readRegion(given)).toBe(reason));

  test("is cut at the border of the image", () => {
    expect(readRegion(region({ x: -5, width: 20, y: 90, height: 20 }))).toMatchObject({
      box: { topX: 0, topY: 0.9, bottomX: 0.15, bottomY: 1 },
      clamped: true,
    });
  });
});

describe("the outcome of an image", () => {
  const annotation = (id: number, more: Partial<Annotation> = {}): Annotation => ({
    ...{ id, completed_by: id, was_cancelled: false, ground_truth: false, result: [region({})] },
    ...{ created_at: "2026-11-01T00:00:00Z", updated_at: `2026-11-0${id}T00:00:00Z`, ...more },
  });
  test.each([
    ["left", []],
    ["skipped", [annotation(1, { was_cancelled: true })]],
    ["empty", [annotation(1, { result: [] })]],
    ["labeled", [annotation(1), annotation(2, { was_cancelled: true })]],
    ["labeled", [annotation(1, { result: [region({ width: 0 })] })]],
  ])("is %s", (kind, annotations) => expect(outcomeOf(annotations).kind).toBe(kind));

  test("is the reviewed annotation's, else the newest one's", () => {
    const chosen = (...all: Annotation[]) => (outcomeOf(all) as { annotation: Annotation }).annotation.id;
    expect(chosen(annotation(1), annotation(3), annotation(2))).toBe(3);
    expect(chosen(annotation(1, { ground_truth: true }), annotation(3))).toBe(1);
  });

  test("has its rejected regions with reasons beside its boxes", () => {
    const made = outcomeOf([annotation(1, { result: [region({}), region({ width: 0 })] })]);
    expect(made).toMatchObject({ kind: "labeled", boxes: [{ clamped: false }], rejected: ["zero area"] });
  });
});

test("labels stand in the interface as they are, whatever their characters", () => {
  const label = fc.string({ minLength: 1, unit: "grapheme" });
  fc.assert(fc.property(fc.array(label), (labels) => expect(labelsOf(labelConfig(labels))).toEqual(labels)));
});
