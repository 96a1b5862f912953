import sharp, { type Sharp } from "sharp";
import { boxInView, decodePicture, plainView } from "../../../local/trainer/pictures";

const side = 64;
const red = { r: 200, g: 40, b: 30 };

/** Left half red, right half white. */
async function halves(width = 400, height = 300): Promise<Sharp> {
  const left = { create: { width: Math.ceil(width / 2), height, channels: 3 as const, background: red } };
  const whole = sharp({ create: { width, height, channels: 3, background: "#fff" } });
  const pixels = await whole
    .composite([{ input: left, left: 0, top: 0 }])
    .removeAlpha()
    .raw()
    .toBuffer();
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** Colour at a place in shares. */
async function colourAt(image: Uint8Array, x: number, y: number): Promise<number[]> {
  const { values } = await decodePicture(image, side);
  expect(values).toHaveLength(side * side * 3);
  const from = 3 * (Math.floor(y * side) * side + Math.floor(x * side));
  return [...values.subarray(from, from + 3)];
}

const near = ([r, g, b]: number[], wanted: { r: number; g: number; b: number }, by: number) =>
  [r - wanted.r, g - wanted.g, b - wanted.b].every((difference) => Math.abs(difference) <= by);

describe("pictures", () => {
  test.each<[string, (image: Sharp) => Sharp, number]>([
    ["a JPEG", (image) => image.jpeg(), 12],
    ["a CMYK JPEG", (image) => image.toColourspace("cmyk").jpeg(), 40],
    ["a PNG", (image) => image.png(), 2],
    ["a PNG with alpha", (image) => image.ensureAlpha(0.5).png(), 12],
    ["a PNG of 16 bits", (image) => image.toColourspace("rgb16").png(), 12],
    ["a PNG with a palette", (image) => image.png({ palette: true }), 12],
    ["a WebP", (image) => image.webp(), 12],
    ["a TIFF", (image) => image.tiff(), 12],
    ["a GIF", (image) => image.gif(), 12],
  ])("%s is read in its colours", async (_kind, encode, tolerance) => {
    const image = await encode(await halves()).toBuffer();
    expect(near(await colourAt(image, 0.25, 0.5), red, tolerance)).toBe(true);
    expect(near(await colourAt(image, 0.75, 0.5), { r: 255, g: 255, b: 255 }, tolerance)).toBe(true);
  });

  test.each([
    ["JPEG", (image: Sharp) => image.jpeg()],
    ["PNG", (image: Sharp) => image.png()],
  ])("a grey %s is read as three equal colours", async (_kind, encode) => {
    const [r, g, b] = await colourAt(await encode((await halves()).toColourspace("b-w")).toBuffer(), 0.25, 0.5);
    expect([g, b]).toEqual([r, r]);
    expect(r).toBeLessThan(150);
  });

  test.each([
    [40, 3000],
    [4000, 3000],
    [1, 1],
  ])("%i x %i pixels are read", async (width, height) => {
    const image = await (await halves(width, height)).jpeg().toBuffer();
    expect(near(await colourAt(image, 0.25, 0.5), red, 20)).toBe(true);
  });

  test("a picture is turned as its EXIF data says", async () => {
    // 6: the top of the picture is at its right side.
    const image = await (await halves()).jpeg().withMetadata({ orientation: 6 }).toBuffer();
    expect(near(await colourAt(image, 0.5, 0.25), red, 12)).toBe(true);
    expect(near(await colourAt(image, 0.5, 0.75), { r: 255, g: 255, b: 255 }, 12)).toBe(true);
  });

  test.each([
    ["text", Buffer.from("no picture")],
    ["nothing", Buffer.alloc(0)],
    ["the beginning of a PNG", Buffer.from("89504e470d0a1a0a0000000d", "hex")],
  ])("%s is refused with what to do", async (_what, image) => {
    await expect(decodePicture(image, side)).rejects.toThrow(/cannot be decoded \(.+\)\. JPEG, PNG, WebP/);
  });

  test("a box is mirrored with its picture, and left out when little of it is seen", () => {
    const box = { topX: 0.1, topY: 0.2, bottomX: 0.3, bottomY: 0.6 };
    const mirrored = boxInView(box, { ...plainView, mirrored: true })!;
    expect(mirrored.topX).toBeCloseTo(0.7);
    expect(mirrored.bottomX).toBeCloseTo(0.9);
    expect(boxInView(box, { ...plainView, zoom: 0.5, left: 0.25, top: 0 })).toBeUndefined();
  });
});
