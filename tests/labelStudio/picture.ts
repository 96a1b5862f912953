import sharp from "sharp";

/** A gray picture as a JPEG file. */
export function picture(width: number, height: number): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: "gray" } })
    .jpeg()
    .toBuffer();
}
