import { writeFile } from "node:fs/promises";
import { readClassMap, type ConvertReport } from "../../../lib/coco";
import { Workbench } from "./converting";

/** COCO 2017's categories of five supercategories, one box each. */
const categories = [
  ["person", "person"],
  ["car", "vehicle"],
  ["bus", "vehicle"],
  ["cat", "animal"],
  ["dog", "animal"],
  ["pizza", "food"],
  ["fork", "kitchen"],
].map(([name, supercategory], index) => ({ id: index + 1, name, supercategory }));
const file = {
  images: [{ id: 1, file_name: "1.jpg", width: 10, height: 10 }],
  annotations: categories.map(({ id }) => ({ id, image_id: 1, category_id: id, bbox: [1, 1, 2, 2] })),
  categories,
};

let bench: Workbench;
beforeEach(async () => (bench = await Workbench.open()));
afterEach(() => bench.close());

describe("classes from supercategories", () => {
  const classes = { classesFrom: "supercategory" } as const;

  test("are person, food and animal; the rest is dropped and counted", async () => {
    const report = await bench.convert(file, { classes });
    expect(report).toMatchObject({ boxes: 4, labels: { person: 1, animal: 2, food: 1 }, rejectedTotal: 0 });
    expect(report.skipped).toEqual({ no_boxes: 0, other_class: 3 });
    expect(report.dropped).toEqual({ bus: 1, car: 1, fork: 1 });
    expect(Object.keys(report.labels)).toEqual(["animal", "food", "person"]);
  });

  test("an image with nothing but dropped boxes has no boxes", async () => {
    const annotations = [{ id: 1, image_id: 1, category_id: 2, bbox: [1, 1, 2, 2] }];
    const report = await bench.convert({ ...file, annotations }, { classes });
    expect(report).toMatchObject({ images: 0, boxes: 0, skipped: { no_boxes: 1, other_class: 1 } });
  });

  test("a file with none of the three is refused, and told what it has", async () => {
    const defects = [
      { id: 1, name: "scratch", supercategory: "defect" },
      { id: 2, name: "dent" },
    ];
    await expect(bench.convert({ ...file, categories: defects }, { classes })).rejects.toThrow(
      /person, food, animal, but .* has only: defect, none\. .*class map/,
    );
  });
});

describe("a class map", () => {
  async function convertWith(yaml: string): Promise<ConvertReport> {
    await writeFile(bench.path("map.yml"), yaml);
    return bench.convert(file, { classes: { classMap: await readClassMap(bench.path("map.yml")) } });
  }

  test.each<[string, string, Record<string, number>, number]>([
    ["labels with categories", "pet: [cat, dog]\nhuman: [person]", { human: 1, pet: 2 }, 4],
    ["categories with labels", "cat: pet\ndog: pet\nperson: human\ncar: null", { human: 1, pet: 2 }, 4],
    ["both", "pet: [cat, dog]\nfork: tool", { pet: 2, tool: 1 }, 4],
    ["supercategories", "traffic: [vehicle]\nanimal: beast", { beast: 2, traffic: 2 }, 3],
    [
      "a supercategory but one of its categories",
      "beast: [animal]\ncat: null\npizza: slice",
      { beast: 1, slice: 1 },
      5,
    ],
    ["a supercategory and one of its categories apart", "beast: [animal]\ncat: pet", { beast: 1, pet: 1 }, 5],
  ])("takes %s", async (_what, yaml, labels, dropped) => {
    const report = await convertWith(yaml);
    expect(report.labels).toEqual(labels);
    expect(report.skipped.other_class).toBe(dropped);
  });

  test.each([
    [
      "pet: [catt, dog]\ncra: x",
      /"catt" is neither a category nor a supercategory.*did you mean cat\?[\s\S]*"cra" is neither/,
    ],
    ["pet: [cat]\nbeast: [cat]", /"cat" is named twice/],
    ["pet: [cat, cat]", /"cat" is named twice/],
    ["cat: a\ncat: b", /no YAML: Map keys must be unique/],
    ["pet: []", /pet: \[\] is neither a label nor a list/],
    ["pet: [1]", /pet: \[1\] is neither/],
    ["pet: {cat: 1}", /pet: {"cat":1} is neither/],
    ["- cat", /gives no category a label/],
    ["cat: null", /gives no category a label/],
    ["", /gives no category a label/],
    ["a: [", /no YAML/],
  ])("%j is refused", async (yaml, message) => {
    await expect(convertWith(yaml)).rejects.toThrow(message);
  });

  test("that is not there is named", async () => {
    await expect(readClassMap(bench.path("no.yml"))).rejects.toThrow(/no\.yml" cannot be read: ENOENT/);
  });
});
