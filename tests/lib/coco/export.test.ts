import fc from "fast-check";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { exportTables } from "../../../lib/coco";
import { toRelativeBox } from "../../../lib/coco/boxes";
import { toPixelBox } from "../../../lib/coco/export/pixelBox";
import { dogs, Workbench } from "./converting";

let bench: Workbench;
beforeEach(async () => (bench = await Workbench.open()));
afterEach(() => bench.close());

interface Coco {
  images: { id: number; file_name: string; width: number; height: number }[];
  annotations: { id: number; image_id: number; category_id: number; bbox: number[]; iscrowd: number; area: number }[];
  categories: { id: number; name: string }[];
}

async function exported(data: string[] = ["out"], more: { imageUrlPrefix?: string } = {}): Promise<Coco> {
  const out = bench.path("back.json");
  await exportTables({ data: data.map((path) => bench.path(path)), out, ...more });
  return JSON.parse(await readFile(out, "utf8")) as Coco;
}

function relative(bbox: readonly number[], width: number, height: number) {
  const box = Float64Array.from(bbox);
  const outcome = toRelativeBox(box, width, height);
  const [topX, topY, bottomX, bottomY] = box;
  return { outcome, box: { topX, topY, bottomX, bottomY } };
}

const extent = fc.integer({ min: 1, max: 10_000 });
/** A place in an image and a size that fits there, in pixels of so many decimals. */
const span = (pixels: number, decimals: number) =>
  fc
    .tuple(fc.integer({ min: 0, max: pixels * 10 ** decimals - 1 }), fc.nat())
    .map(([start, length]) =>
      [start, 1 + (length % (pixels * 10 ** decimals - start))].map((value) => value / 10 ** decimals),
    );

describe("boxes there and back", () => {
  test("are the same numbers, for pixels with up to four decimals", () => {
    const image = fc.tuple(extent, extent, fc.integer({ min: 0, max: 4 })).chain(([width, height, decimals]) =>
      fc.record({
        size: fc.constant([width, height]),
        x: span(width, decimals),
        y: span(height, decimals),
      }),
    );
    fc.assert(
      fc.property(image, ({ size: [width, height], x, y }) => {
        const bbox = [x[0], y[0], x[1], y[1]];
        const { outcome, box } = relative(bbox, width, height);
        // A sum that is rounded over the border is cut.
        if (outcome === true) return;
        expect(toPixelBox(box, width, height)).toEqual(bbox);
      }),
      { numRuns: 2000 },
    );
  });

  test("give exactly the same shares again, for any pixels, also those that were cut", () => {
    const anywhere = fc.double({ min: -100, max: 9_999, noNaN: true });
    const length = fc.double({ min: 1e-3, max: 20_000, noNaN: true });
    fc.assert(
      fc.property(extent, extent, fc.tuple(anywhere, anywhere, length, length), (width, height, bbox) => {
        const first = relative(bbox, width, height);
        fc.pre(typeof first.outcome === "boolean");
        const pixels = toPixelBox(first.box, width, height);
        expect(relative(pixels, width, height)).toEqual({ outcome: false, box: first.box });
        if (first.outcome) return;
        pixels.forEach((value, side) => expect(Math.abs(value - bbox[side])).toBeLessThan(1e-8));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("the export", () => {
  const images = ["a b/1.jpg", "c/ü#1.jpg", "c/2.jpg"].map((file_name, index) => ({
    ...{ id: 10 * (index + 1), file_name },
    ...{ width: 100 + index, height: 50 },
  }));
  const content = dogs(
    [
      { image_id: 10, bbox: [1.5, 2.25, 3, 4], iscrowd: 1 },
      { image_id: 10, bbox: [10, 10, 0.5, 0.5], category_id: 2 },
      { image_id: 20, bbox: [100, 49, 1, 1] },
      { image_id: 30, bbox: [0, 0, 102, 50] },
    ],
    {
      images,
      categories: [
        { id: 1, name: "dog" },
        { id: 2, name: "\u2028 “quoted” 😀" },
      ],
    },
  );

  test("writes COCO with ids from 1, and converting that gives the same lines", async () => {
    await bench.convert(content);
    const lines = await bench.lines();
    const coco = await exported();
    expect(coco).toMatchObject({
      images: images.map(({ file_name, width, height }, index) => ({ id: index + 1, file_name, width, height })),
      annotations: [
        { id: 1, image_id: 1, category_id: 1, bbox: [1.5, 2.25, 3, 4], iscrowd: 1, area: 12 },
        { id: 2, image_id: 1, category_id: 2, bbox: [10, 10, 0.5, 0.5], iscrowd: 0, area: 0.25 },
        { id: 3, image_id: 2, category_id: 1, bbox: [100, 49, 1, 1] },
        { id: 4, image_id: 3, category_id: 1, bbox: [0, 0, 102, 50] },
      ],
      categories: [
        { id: 1, name: "dog" },
        { id: 2, name: "\u2028 “quoted” 😀" },
      ],
    });
    await bench.convert(coco);
    expect(await bench.lines()).toEqual(lines);
  });

  test("finds the file names again, also where all are in one folder", async () => {
    const names = ["in/one.jpg", "in/t%77o #.jpg", "in/two/three.jpg"];
    const inOne = images.map((image, index) => ({ ...image, file_name: names[index] }));
    for (const imageUrlPrefix of ["azureml://x/", ""]) {
      await bench.convert({ ...content, images: inOne }, { imageUrlPrefix, validationFraction: 0.5 });
      for (const data of [["out"], ["out/train", "out/validation/annotations.jsonl"]]) {
        const { images: back } = (await exported(data)) as { images: { file_name: string }[] };
        expect(back.map(({ file_name }) => file_name).sort()).toEqual(names);
      }
    }
    await rm(bench.path("out/report.json"));
    const { images: back } = (await exported()) as { images: { file_name: string }[] };
    expect(back.map(({ file_name }) => file_name).sort()).toEqual(["one.jpg", "t%77o #.jpg", "two/three.jpg"]);
  });

  test("takes all parts of a folder, single files, and the prefix that is given", async () => {
    await bench.convert(content, { validationFraction: 0.5 });
    const all = await exported();
    expect(all.images).toHaveLength(3);
    const parts = ["out/train", "out/validation/annotations.jsonl"];
    expect(await exported(parts, { imageUrlPrefix: "azureml://x/" })).toEqual(all);
    expect((await exported(["out"], { imageUrlPrefix: "azureml://" })).images[0].file_name).toMatch(/^x\//);
  });

  test.each([
    ["nonsense", /Line 2 .* cannot be exported: .*JSON/],
    ["[]", /Line 2 .*: it is no object/],
    ['{"image_url": "u"}', /Line 2 .*: its label is no list/],
    ['{"image_url": "u", "label": []}', /Line 2 .*: image_details has no width in pixels/],
    [
      '{"image_url": "u", "image_details": {"width": 9, "height": "9px"}, "label": [{"label": "a", "topX": 2}]}',
      /from 0 to 1/,
    ],
    [
      '{"image_url": "u", "image_details": {"width": 9, "height": 9}, "label": [{"label": "a", "polygon": [[1]]}]}',
      /has no topX/,
    ],
  ])("names the line that is no image with boxes: %s", async (line, message) => {
    await bench.convert(content);
    await writeFile(bench.path("back.json"), "old");
    const path = bench.path("out/train/annotations.jsonl");
    const [first] = (await readFile(path, "utf8")).split("\n");
    await writeFile(path, `${first}\n${line}\n`);
    await expect(exported()).rejects.toThrow(message);
    expect(await readFile(bench.path("back.json"), "utf8")).toBe("old");
    expect(await readdir(bench.folder)).toEqual(["back.json", "instances.json", "out"]);
  });

  test("refuses an image that comes twice, a prefix that does not fit, and data that is not there", async () => {
    await bench.convert(content);
    await expect(exported(["out", "out/train"])).rejects.toThrow(/has the image .* a second time/);
    await expect(exported(["out"], { imageUrlPrefix: "https://" })).rejects.toThrow(/does not begin with the prefix/);
    await expect(exported(["none.jsonl"])).rejects.toThrow(/none\.jsonl" cannot be read: ENOENT/);
    await expect(exported(["."])).rejects.toThrow(/has no annotations\.jsonl/);
  });
});
