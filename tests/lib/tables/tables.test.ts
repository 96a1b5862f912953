import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeChange, describeLabels } from "../../../lib/tables/change";
import { checkTable } from "../../../lib/tables/folder";
import { judgeSize } from "../../../lib/tables/size";

const at = (version: string, images: number, boxes: number) => ({ version, report: { images, boxes, labels: {} } });

test("a preview tells what new data adds, and that equal data is no new version", () => {
  expect(describeChange(at("abc", 144, 403), at("def", 181, 515))).toBe(
    "Data: +37 images, +112 boxes, new version def",
  );
  expect(describeChange(at("abc", 144, 403), at("def", 143, 403))).toBe("Data: -1 images, +0 boxes, new version def");
  expect(describeChange(at("abc", 144, 403), at("abc", 144, 403))).toBe(
    "Data: unchanged, version abc (144 images, 403 boxes)",
  );
});

test("a preview tells what people have labeled since the last export", () => {
  const export1 = { version: "abc", images: 124, boxes: 400, done: 130 };
  const export2 = { version: "def", images: 165, boxes: 512, done: 171 };
  expect(describeLabels(export1, { last: export2, labeled: 171, step: Infinity })).toBe(
    "Labels: +41 labeled images, +112 boxes, new version def",
  );
  expect(describeLabels(export1, { due: "171 of 200 images are done, and 130 were", labeled: 171, step: 25 })).toBe(
    'Labels: +41 labeled images since version abc, exported by "up" (171 of 200 images are done, and 130 were)',
  );
  expect(describeLabels(export1, { last: export1, labeled: 142, step: 25 })).toBe(
    "Labels: unchanged, version abc (124 images, 400 boxes); +12 labeled images since then; exported at +25",
  );
  expect(describeLabels(null, { last: null, labeled: 3, step: Infinity })).toBe(
    "Labels: nothing exported yet, 3 labeled images",
  );
});

test("fewer than 10 images are a problem, a class with fewer than 10 boxes is a warning", () => {
  expect(judgeSize("a.json", { images: 10, labels: { person: 10 } })).toEqual({ problems: [], warnings: [] });
  expect(judgeSize("a.json", { images: 9, labels: { person: 40, food: 9 } })).toEqual({
    problems: ["a.json: 9 images with boxes, and at least 10 are needed. Add images, or mend the labels."],
    warnings: ['a.json: class "food" has 9 boxes; below 10 it is hardly learned'],
  });
});

describe("a local MLTable folder", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "table-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const table = "paths:\n  - file: ./a.jsonl\ntransformations:\n  - read_json_lines:\n      encoding: utf8\n";
  const line = (more: object = { label: [{ label: "food" }] }) => JSON.stringify({ image_url: "x.jpg", ...more });
  const write = async (files: Record<string, string>) => {
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  };

  test("with what it needs is fine", async () => {
    await write({ MLTable: table, "a.jsonl": `${line()}\n`.repeat(10) });
    expect(await checkTable(folder, "label")).toEqual({ problems: [], warnings: [] });
  });

  test("that reads from elsewhere, or other formats, is not looked into", async () => {
    await write({ MLTable: "paths:\n  - file: azureml://x/a.jsonl\n  - pattern: ./*.csv\n" });
    expect(await checkTable(folder, "label")).toEqual({ problems: [], warnings: [] });
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ["no MLTable", {}, /has no file MLTable/],
    ["no list of paths", { MLTable: "path: a" }, /MLTable is no MLTable .*paths/],
    ["broken YAML", { MLTable: "paths: [" }, /MLTable is no MLTable/],
    ["a missing file", { MLTable: table }, /MLTable names \.\/a\.jsonl, which is not there/],
    ["broken JSON", { MLTable: table, "a.jsonl": `${line()}\n{` }, /a\.jsonl, line 2: it is no JSON/],
    [
      "no image",
      { MLTable: table, "a.jsonl": '{"label":[]}' },
      /line 1: it has no column image_url \(its columns: label\)/,
    ],
    [
      "another label column",
      { MLTable: table, "a.jsonl": line({ boxes: [] }) },
      /no column "label", the job's target_column_name \(its columns: image_url, boxes\)/,
    ],
    [
      "labels that are no boxes",
      { MLTable: table, "a.jsonl": line({ label: "food" }) },
      /column "label" is no list of boxes/,
    ],
    ["few images", { MLTable: table, "a.jsonl": line() }, /1 images with boxes, and at least 10/],
  ])("with %s is refused", async (_, files, message) => {
    await write(files);
    const { problems } = await checkTable(folder, "label");
    expect(problems).toEqual([expect.stringMatching(message)]);
  });
});
