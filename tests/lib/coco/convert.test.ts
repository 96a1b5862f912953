import { spawnSync } from "node:child_process";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dogs, Workbench } from "./converting";

let bench: Workbench;
beforeEach(async () => (bench = await Workbench.open()));
afterEach(() => bench.close());

describe("boxes", () => {
  test("come from bbox, never from the polygon, in shares of the image", async () => {
    const report = await bench.convert(
      dogs([
        { bbox: [20, 10, 40, 50], iscrowd: 0, segmentation: [[1, 2, 3, 4, 5, 6]] },
        { bbox: [0, 0, 200, 100], iscrowd: 1, segmentation: { counts: [1, 2], size: [100, 200] } },
        { bbox: [0, 0, 1, 1] },
      ]),
    );
    expect(report).toMatchObject({ images: 1, boxes: 3, labels: { dog: 3 }, clamped: 0, rejectedTotal: 0 });
    expect(await bench.lines()).toEqual([
      {
        image_url: "azureml://x/1.jpg",
        image_details: { format: "jpg", width: 200, height: 100 },
        label: [
          { label: "dog", topX: 0.1, topY: 0.1, bottomX: 0.3, bottomY: 0.6, isCrowd: 0 },
          { label: "dog", topX: 0, topY: 0, bottomX: 1, bottomY: 1, isCrowd: 1 },
          // However small, pixels are pixels.
          { label: "dog", topX: 0, topY: 0, bottomX: 0.005, bottomY: 0.01, isCrowd: 0 },
        ],
      },
    ]);
  });

  test("that reach over the border are cut and counted", async () => {
    const report = await bench.convert(dogs([{ bbox: [190, 90, 40, 50] }, { bbox: [-10, -10, 30, 20] }]));
    expect(report).toMatchObject({ boxes: 2, clamped: 2 });
    expect((await bench.lines())[0].label).toMatchObject([
      { topX: 0.95, topY: 0.9, bottomX: 1, bottomY: 1 },
      { topX: 0, topY: 0, bottomX: 0.1, bottomY: 0.1 },
    ]);
  });

  test.each([
    ["[10, 10, 0, 5]", "zero area"],
    ["[10, 10, 5, 0.0]", "zero area"],
    ["[10, 10, 1e-300, 5]", "zero area"],
    ["[10, 10, -5, 5]", "negative size"],
    ["[NaN, 10, 5, 5]", "not finite (NaN or infinite)"],
    ["[10, 10, Infinity, 5]", "not finite (NaN or infinite)"],
    ["[-Infinity, 10, 5, 5]", "not finite (NaN or infinite)"],
    ["[10, 10, 1e999, 5]", "not finite (NaN or infinite)"],
    ["[200, 10, 5, 5]", "outside the image"],
    ["[-5, 10, 5, 5]", "outside the image"],
    ["[10, 100, 5, 5]", "outside the image"],
    ["[10, 10, 5]", "bbox is not four numbers"],
    ["[10, 10, 5, 5, 5]", "bbox is not four numbers"],
    ["[10, 10, null, 5]", "bbox is not four numbers"],
    ['[10, 10, "5", 5]', "bbox is not four numbers"],
    ["[10, 10, [5], 5]", "bbox is not four numbers"],
    ["[]", "bbox is not four numbers"],
    ["null", "bbox is not four numbers"],
    ['{"x": 1}', "bbox is not four numbers"],
  ])("%s is rejected: %s", async (bbox, reason) => {
    const text = JSON.stringify(dogs([{ bbox: [1, 1, 1, 1] }, { id: 77, bbox: "BOX" }])).replace('"BOX"', bbox);
    const report = await bench.convert(text);
    expect(report).toMatchObject({ boxes: 1, rejectedTotal: 1 });
    expect(report.rejected).toEqual([{ annotationId: 77, imageId: 1, reason }]);
  });

  test.each([
    [{ image_id: 9 }, "unknown image"],
    [{ image_id: null }, "unknown image"],
    [{ image_id: "1" }, "unknown image"],
    [{ category_id: 9 }, "unknown category"],
    [{ category_id: undefined }, "unknown category"],
    [{ bbox: undefined }, "bbox is not four numbers"],
    [{ iscrowd: 2 }, "iscrowd is neither 0 nor 1"],
    [{ iscrowd: [] }, "iscrowd is neither 0 nor 1"],
  ])("with %j are rejected: %s", async (wrong, reason) => {
    const report = await bench.convert(dogs([{ bbox: [1, 1, 1, 1] }, { bbox: [1, 1, 1, 1], ...wrong }]));
    expect(report).toMatchObject({ boxes: 1, rejectedTotal: 1, rejected: [{ annotationId: 2, reason }] });
  });

  test("that are rejected are named up to 1000, and counted beyond", async () => {
    const report = await bench.convert(dogs(Array.from({ length: 1500 }, () => ({ bbox: [0, 0, 0, 0] }))));
    expect(report.rejected).toHaveLength(1000);
    expect(report.rejectedTotal).toBe(1500);
    expect(JSON.parse(await readFile(bench.path("out/report.json"), "utf8"))).toEqual(report);
  });
});

describe("ids", () => {
  test("are exact: beyond 2^53, texts, and numbers that look alike", async () => {
    const text = `{"annotations": [
        {"id": 9007199254740993, "image_id": 9007199254740993, "category_id": "c", "bbox": [1, 1, 1, 1]},
        {"id": "a", "image_id": "9007199254740993", "category_id": "c", "bbox": [2, 2, 2, 2]},
        {"id": 3, "image_id": 9007199254740992, "category_id": "c", "bbox": [3, 3, 3, 3]},
        {"id": 18446744073709551617, "image_id": 9007199254740994, "category_id": "c", "bbox": [0, 0, 0, 0]}],
      "images": [
        {"id": 9007199254740992, "file_name": "2.jpg", "width": 10, "height": 10},
        {"id": 9007199254740993, "file_name": "3.jpg", "width": 10, "height": 10},
        {"id": "9007199254740993", "file_name": "t.jpg", "width": 10, "height": 10}],
      "categories": [{"id": "c", "name": "dog"}]}`;
    const report = await bench.convert(text);
    expect(report.rejected).toEqual([
      { annotationId: 18446744073709551617n, imageId: 9007199254740994n, reason: "unknown image" },
    ]);
    expect((await bench.lines()).map(({ image_url, label }) => [image_url.slice(-5), label[0].topX])).toEqual([
      ["2.jpg", 0.3],
      ["3.jpg", 0.1],
      ["t.jpg", 0.2],
    ]);
    expect(await readFile(bench.path("out/report.json"), "utf8")).toContain('"annotationId": 18446744073709551617,');
  });

  test("1 and 1.0 are one id; an annotation id that stands twice is no mistake", async () => {
    const text = JSON.stringify(dogs([{ bbox: [1, 1, 1, 1] }, { id: 1, bbox: [2, 2, 2, 2], image_id: "ONE" }]));
    expect(await bench.convert(text.replace('"ONE"', "1.0"))).toMatchObject({ boxes: 2, rejectedTotal: 0 });
  });

  test("two categories of one name are one label", async () => {
    const categories = [1, 2].map((id) => ({ id, name: "dog" }));
    const report = await bench.convert(
      dogs([{ bbox: [1, 1, 1, 1] }, { category_id: 2, bbox: [2, 2, 2, 2] }], { categories }),
    );
    expect(report.labels).toEqual({ dog: 2 });
  });
});

describe("the file", () => {
  const file = dogs([{ bbox: [1, 1, 1, 1] }]);

  test.each([
    ["annotations first", ["annotations", "images", "categories"]],
    ["categories first", ["categories", "annotations", "images"]],
    ["others in between", ["images", "info", "annotations", "licenses", "categories"]],
  ])("comes in any order of keys: %s", async (_what, keys) => {
    const all: Record<string, unknown> = { ...file, info: { images: [{ id: 1 }] }, licenses: ["]}"] };
    const report = await bench.convert(Object.fromEntries(keys.map((key) => [key, all[key]])));
    expect(report).toMatchObject({ images: 1, boxes: 1 });
  });

  test("comes with a byte order mark, white space, and escapes in keys and names", async () => {
    const text = `\ufeff \r\n${JSON.stringify(file, null, "\t").replace('"file_name"', '"file\\u005fname"').replace("1.jpg", "\\ud83d\\ude00\\u002ejpg")}\n`;
    await bench.convert(text);
    expect((await bench.lines())[0].image_url).toBe(`azureml://x/${encodeURIComponent("😀")}.jpg`);
  });

  test.each([
    ["no JSON", "hello", /is broken at byte 0/],
    ["empty", "", /is broken at byte 0: the file ends/],
    ["cut off", JSON.stringify(file).slice(0, -20), /is broken at byte \d+: the file ends/],
    ["followed by more", `${JSON.stringify(file)} x`, /is broken at byte \d+: the end of the file must come/],
    [
      "broken in a polygon",
      '{"annotations": [{"segmentation": [[1, 2,, 3]]}]}',
      /is broken at byte 41: a value must come, not ','/,
    ],
    ["a list", "[]", /is broken at byte 0/],
    ["without a key", { images: [], annotations: [] }, /has no key "categories"/],
    ["with a key twice", '{"images": [], "images": []}', /byte 24: the key "images" stands a second time/],
    ["with images that are no list", '{"images": {}}', /byte 11: "\[" must come/],
    ["with an image that is no object", '{"images": [7]}', /byte 12: "{" must come/],
    [
      "with an image id twice",
      dogs([], { images: [{ id: 5 }, { id: 5 }] }),
      /image id 5 stands a second time, at byte 20/,
    ],
    [
      "with a category id twice",
      dogs([], { categories: [1, 1].map((id) => ({ id, name: "a" })) }),
      /category id 1 stands a second/,
    ],
    ["with an image without id", dogs([], { images: [{ id: null }] }), /the image at byte 11 has no id/],
    ["with a category without name", dogs([], { categories: [{ id: 3 }] }), /category id 3, at byte \d+, has no name/],
  ])("%s: an error, and the output stays as it was", async (_what, content, message) => {
    await bench.convert(file);
    const before = [await readdir(bench.folder), await bench.lines()];
    await expect(bench.convert(content)).rejects.toThrow(message);
    expect([await readdir(bench.folder), await bench.lines()]).toEqual(before);
  });

  test("that is not there, or is a folder, is named", async () => {
    await expect(bench.convert(file, { annotations: bench.path("no.json") })).rejects.toThrow(
      /no\.json" cannot be read: ENOENT/,
    );
    await expect(bench.convert(file, { annotations: bench.folder })).rejects.toThrow(/cannot be read: EISDIR/);
  });
});

describe("images", () => {
  test("of equal names in different folders stay two, and URLs carry every name", async () => {
    const names = ["a/1.jpg", "b/1.jpg", "a b/ü#?%.JPEG", "./c/d.png", "no-extension"];
    const images = names.map((file_name, index) => ({ id: index + 1, file_name, width: 10, height: 10 }));
    await bench.convert(
      dogs(
        images.map(({ id }) => ({ image_id: id, bbox: [1, 1, 1, 1] })),
        { images },
      ),
    );
    expect((await bench.lines()).map(({ image_url, image_details: { format } }) => [image_url, format])).toEqual([
      ["azureml://x/a/1.jpg", "jpg"],
      ["azureml://x/b/1.jpg", "jpg"],
      ["azureml://x/a%20b/%C3%BC%23%3F%25.JPEG", "jpeg"],
      ["azureml://x/c/d.png", "png"],
      ["azureml://x/no-extension", undefined],
    ]);
  });

  test("that cannot be used are left out by reason, and their boxes rejected", async () => {
    const size = { width: 10, height: 10 };
    const images = [
      { id: 1, file_name: "1.jpg", ...size },
      { id: 2, file_name: "2.jpg" },
      { id: 3, file_name: "3.jpg", width: 0, height: 10 },
      { id: 4, file_name: "4.jpg", width: -1, height: "10" },
      { id: 5, ...size },
      { id: 6, file_name: "../6.jpg", ...size },
      { id: 7, file_name: "\ud800.jpg", ...size },
      { id: 7.1, file_name: "/abs/7.jpg", ...size },
      { id: 7.2, file_name: "C:\\7.jpg", ...size },
      { id: 7.3, file_name: "a\\..\\..\\7.jpg", ...size },
      { id: 7.5, file_name: "./1.jpg", ...size },
      { id: 8, file_name: "8.jpg", ...size },
    ];
    const report = await bench.convert(
      dogs(
        images.slice(0, -1).map(({ id }) => ({ image_id: id, bbox: [1, 1, 1, 1] })),
        { images },
      ),
    );
    expect(report).toMatchObject({
      images: 1,
      boxes: 1,
      skipped: { no_boxes: 1, no_size: 3, bad_file_name: 6, duplicate_file_name: 1 },
    });
    expect(report.rejected.map(({ reason }) => reason)).toEqual([
      ...Array.from({ length: 3 }, () => "image left out: no_size"),
      ...Array.from({ length: 6 }, () => "image left out: bad_file_name"),
      "image left out: duplicate_file_name",
    ]);
  });
});

describe("the output folder", () => {
  test("cannot be below a file", async () => {
    await expect(bench.convert(dogs([]), { out: bench.path("instances.json/out") })).rejects.toThrow(
      /cannot be written: ENOTDIR/,
    );
  });

  test("is replaced as a whole", async () => {
    await bench.convert(dogs([{ bbox: [1, 1, 1, 1] }]), { validationFraction: 0.5 });
    expect(await readdir(bench.path("out"))).toEqual(["report.json", "train", "validation"]);
    await bench.convert(dogs([{ bbox: [1, 1, 1, 1] }]));
    expect(await readdir(bench.path("out"))).toEqual(["report.json", "train"]);
    expect(await readdir(bench.folder)).toEqual(["instances.json", "out"]);
    expect(await readFile(bench.path("out/train/MLTable"), "utf8")).toContain("file: ./annotations.jsonl");
  });

  test("comes back when a process was killed while it exchanged the folders", async () => {
    await bench.convert(dogs([{ bbox: [1, 1, 1, 1] }]));
    const lines = await bench.lines();
    const { pid } = spawnSync("true");
    await rename(bench.path("out"), bench.path(`.out.old-${hostname()}-${pid}`));
    await mkdir(bench.path(`.out.draft-${hostname()}-${pid}-abc`));
    await expect(bench.convert("broken")).rejects.toThrow();
    expect(await bench.lines()).toEqual(lines);
    expect(await readdir(bench.folder)).toEqual(["instances.json", "out"]);
  });

  test("is refused when it holds what is not of the conversion", async () => {
    await expect(bench.convert(dogs([]), { out: bench.folder })).rejects.toThrow(/holds instances\.json, which is not/);
    await bench.convert(dogs([]));
    await writeFile(bench.path("out/train/1.jpg"), "");
    await expect(bench.convert(dogs([]))).rejects.toThrow(/holds train\/1\.jpg/);
    expect(await readdir(bench.path("out/train"))).toContain("1.jpg");
  });
});
