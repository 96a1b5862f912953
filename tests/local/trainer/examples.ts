import sharp from "sharp";
import type { Example } from "../../../local/trainer";

/** Side of the pictures that tests train on, in pixels. */
const side = 96;

/** Labels, and the colours that stand for them. */
const colours: Record<string, string> = { red: "#e01010", blue: "#1010e0", green: "#10c010" };
export const labels = Object.keys(colours);

/** A square of the label's colour on grey, somewhere: what a detector learns in a few steps. */
export async function square(index: number, label = labels[index % labels.length]): Promise<Example> {
  const [left, top, width] = [4 + ((index * 37) % 53), 4 + ((index * 29) % 47), 32];
  const background = colours[label] ?? `hsl(${(index * 47) % 360}, 80%, 40%)`;
  const input = await sharp({ create: { width, height: width, channels: 3, background } })
    .png()
    .toBuffer();
  const image = await sharp({ create: { width: side, height: side, channels: 3, background: "#808080" } })
    .composite([{ input, left, top }])
    .png()
    .toBuffer();
  const [topX, topY, share] = [left / side, top / side, width / side];
  return { image, boxes: [{ label, topX, topY, bottomX: topX + share, bottomY: topY + share }] };
}

export function squares(count: number): Promise<Example[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => square(index)));
}
