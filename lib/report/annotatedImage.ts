import sharp from "sharp";
import { boxShapes, labelColours, type DrawnBox } from "./boxes";
import { html } from "./html/markup";

/** Small pictures are enlarged, so that the text can be read. */
const smallestWidth = 640;

/** Draws boxes with label and score on a picture and writes it as PNG. */
export async function drawDetections(imageFile: string, boxes: readonly DrawnBox[], outFile: string): Promise<void> {
  const source = sharp(imageFile).rotate();
  const { width: sourceWidth, height: sourceHeight } = (await source.toBuffer({ resolveWithObject: true })).info;
  const scale = Math.max(1, smallestWidth / sourceWidth);
  const [width, height] = [Math.round(sourceWidth * scale), Math.round(sourceHeight * scale)];
  const shapes = boxShapes(
    { width, height },
    boxes,
    labelColours(boxes.map(({ label }) => label)),
    Math.max(13, Math.round(width / 42)),
  );
  const overlay = html`<svg
    xmlns="http://www.w3.org/2000/svg"
    width="${width}"
    height="${height}"
    font-family="DejaVu Sans, Verdana, Arial, sans-serif"
  >
    ${shapes}
  </svg>`;
  await source
    .resize(width, height)
    .composite([{ input: Buffer.from(overlay.text) }])
    .png()
    .toFile(outFile);
}
