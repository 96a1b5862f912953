import fc from "fast-check";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertAnnotations } from "../../../lib/coco";
import { toPixelBox, toRelativeBox } from "../../../lib/coco/boxes";
import { partOf, split } from "../../../lib/coco/split";

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "coco-test-"))));
afterEach(() => rm(folder, { recursive: true, force: true }));

async function convert(content: unknown, more: object = {}) {
  const annotations = join(folder, "instances.json");
  await writeFile(annotations, typeof content === "string" ? content : JSON.stringify(content));
  return convertAnnotations({
    annotations,
    imageUrlPrefix: "azureml://x/",
    out: join(folder, "out"),
    classesFrom: "name",
    validationFraction: 0.2,
    seed: 7,
    ...more,
  });
}

const instances = {
  images: [
    { id: 1, file_name: "a b/ü.jpg", width: 200, height: 100 },
    { id: 2, file_name: "2.jpg", width: 100, height: 100 },
  ],
  annotations: [
    { id: 1, image_id: 1, category_id: 1, bbox: [20, 10, 40, 50], iscrowd: 0, segmentation: [[1, 2, 3, 4, 5, 6]] },
    { id: 2, image_id: 1, category_id: 1, bbox: [190, 90, 40, 50], iscrowd: 1 },
    { id: 3, image_id: 1, category_id: 1, bbox: [10, 10, 0, 5] },
    { id: 4, image_id: 1, category_id: 9, bbox: [10, 10, 5, 5] },
    { id: 5, image_id: 7, category_id: 1, bbox: [10, 10, 5, 5] },
    { id: 6, image_id: 1, category_id: 1, bbox: [10, 10, null, 5] },
    { id: 7, image_id: 1, category_id: 1, bbox: [200, 10, 5, 5] },
  ],
  categories: [{ id: 1, name: "dog", supercategory: "animal" }],
};

describe("the conversion", () => {
  test("writes boxes from bbox, in shares, clamped, and says what it left out", async () => {
    const report = await convert(instances);
    expect(report).toMatchObject({
      images: 1,
      boxes: 2,
      labels: { dog: 2 },
      skipped: { no_boxes: 1 },
      clamped: 1,
      rejectedTotal: 5,
    });
    expect(report.rejected.map(({ annotationId, reason }) => [annotationId, reason])).toEqual([
      [3, "zero area"],
      [4, "unknown category"],
      [5, "unknown image"],
      [6, "bbox is not four finite numbers"],
      [7, "outside the image"],
    ]);
    const part = partOf(1, 7, 0.2);
    const [line] = (await readFile(join(folder, "out", part, "annotations.jsonl"), "utf8")).split("\n");
    expect(JSON.parse(line ?? "")).toEqual({
      image_url: "azureml://x/a%20b/%C3%BC.jpg",
      image_details: { format: "jpg", width: 200, height: 100 },
      label: [
        { label: "dog", topX: 0.1, topY: 0.1, bottomX: 0.3, bottomY: 0.6, isCrowd: 0 },
        { label: "dog", topX: 0.95, topY: 0.9, bottomX: 1, bottomY: 1, isCrowd: 1 },
      ],
    });
    expect(await readFile(join(folder, "out", "train", "MLTable"), "utf8")).toContain("read_json_lines");
  });

  test("takes the supercategory when asked", async () => {
    expect((await convert(instances, { classesFrom: "supercategory" })).labels).toEqual({ animal: 2 });
  });

  test.each([
    ["broken JSON", '{"images": [', /is broken/],
    ["a missing key", { images: [], annotations: [] }, /categories/],
    [
      "an image id that stands twice",
      { ...instances, images: [instances.images[0], instances.images[0]] },
      /has image id 1 twice/,
    ],
  ])("%s is an error that leaves the output as it was", async (_what, content, message) => {
    await convert(instances);
    const before = await readdir(folder);
    await expect(convert(content)).rejects.toThrow(message);
    expect(await readdir(folder)).toEqual(before);
    expect(await readdir(join(folder, "out"))).toEqual(["report.json", "train", "validation"]);
  });

  test("boxes stay inside the image, and come back as they were", () => {
    const size = fc.integer({ min: 1, max: 5000 });
    fc.assert(
      fc.property(
        size,
        size,
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        fc.double({ min: 0.01, max: 2, noNaN: true }),
        (width, height, position, extent) => {
          const bbox = [position * width, position * height, extent * width, extent * height];
          const outcome = toRelativeBox(bbox, width, height);
          if ("rejected" in outcome) throw new Error(outcome.rejected);
          for (const side of Object.values(outcome.box)) expect(side >= 0 && side <= 1).toBe(true);
          if (outcome.clamped) return;
          toPixelBox(outcome.box, width, height).forEach((value, index) => expect(value).toBeCloseTo(bbox[index], 6));
        },
      ),
    );
  });
});

describe("the split", () => {
  const image = fc.record({ id: fc.integer({ min: 1, max: 1e6 }), labels: fc.constant(new Set<string>()) });

  test("adding images moves no other one", () => {
    fc.assert(
      fc.property(fc.uniqueArray(image, { selector: ({ id }) => id, minLength: 2 }), fc.integer(), (images, seed) => {
        const all = split(images, seed, 0.2);
        const fewer = split(images.slice(1), seed, 0.2);
        for (const [id, part] of fewer) expect(all.get(id)).toBe(part);
      }),
    );
  });

  test("a class of five images or more is in both parts", () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 12 }), fc.integer(), (count, seed) => {
        const images = Array.from({ length: count }, (_, id) => ({ id, labels: new Set(["dog"]) }));
        expect(new Set(split(images, seed, 0.2).values()).size).toBe(2);
      }),
    );
  });
});
