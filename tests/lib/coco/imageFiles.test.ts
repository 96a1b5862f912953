import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import sharp from "sharp";
import { dogs, Workbench } from "./converting";

let bench: Workbench;
beforeEach(async () => (bench = await Workbench.open()));
afterEach(() => bench.close());

async function picture(name: string, width: number, height: number, metadata = 0): Promise<void> {
  const path = bench.path("images", name);
  await mkdir(dirname(path), { recursive: true });
  const made = sharp({ create: { width, height, channels: 3, background: "teal" } });
  // As cameras do, with much before the size.
  await made.withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/">${"x".repeat(metadata)}</x:xmpmeta>`).toFile(path);
}

test("with the images' folder, sizes come from the files, and what is not there is left out and named", async () => {
  await picture("a/given.jpg", 200, 100);
  await picture("lacking.png", 40, 20);
  await picture("zero.webp", 60, 30);
  await picture("late.jpg", 50, 25, 50_000);
  await picture("other.jpg", 90, 80);
  await writeFile(bench.path("images/text.jpg"), "no image");
  await writeFile(bench.path("images/empty.jpg"), "");
  const images = [
    { file_name: "a/given.jpg", width: 200, height: 100 },
    { file_name: "lacking.png" },
    { file_name: "zero.webp", width: 0, height: 0 },
    { file_name: "late.jpg", height: 25 },
    { file_name: "other.jpg", width: 100, height: 80 },
    { file_name: "missing.jpg", width: 10, height: 10 },
    { file_name: "text.jpg", width: 10, height: 10 },
    { file_name: "empty.jpg" },
    { file_name: "a", width: 10, height: 10 },
  ].map((image, index) => ({ id: index + 1, ...image }));
  const report = await bench.convert(
    dogs(
      images.map(({ id }) => ({ image_id: id, bbox: [10, 10, 10, 10] })),
      { images },
    ),
    { imagesFolder: bench.path("images") },
  );

  expect(
    (await bench.lines()).map(({ image_details: { width, height }, label }) => [width, height, label[0].topX]),
  ).toEqual([
    [200, 100, 0.05],
    [40, 20, 0.25],
    [60, 30, 10 / 60],
    [50, 25, 0.2],
    // The boxes are in pixels of the size that the annotations say.
    [100, 80, 0.1],
  ]);
  expect(report).toMatchObject({
    images: 5,
    skipped: { no_boxes: 0, missing_file: 1, unreadable_file: 3 },
    rejectedTotal: 4,
    files: {
      missing: ["missing.jpg"],
      unreadable: ["text.jpg", "empty.jpg", "a"],
      otherSize: [{ fileName: "other.jpg", declared: [100, 80], actual: [90, 80] }],
      otherSizeTotal: 1,
    },
  });
  expect(report.rejected[0].reason).toBe("image left out: missing_file");
});

test("a folder that is not there is named", async () => {
  await expect(bench.convert(dogs([]), { imagesFolder: bench.path("none") })).rejects.toThrow(/none" is not there/);
});
