/* eslint-disable @typescript-eslint/no-require-imports */

export interface Thumbnail {
  /** `data:` URL. */
  source: string;
  width: number;
  height: number;
}

/** A picture small enough to put dozens into a page, upright. @throws Error when it is no picture */
export async function thumbnail(picture: Buffer | string, side: number): Promise<Thumbnail> {
  const sharp = require("sharp") as typeof import("sharp");
  const { data, info } = await sharp(picture)
    .rotate()
    .resize(side, side, { fit: "inside", withoutEnlargement: true })
    .jpeg({ quality: 70 })
    .toBuffer({ resolveWithObject: true });
  return { source: `data:image/jpeg;base64,${data.toString("base64")}`, width: info.width, height: info.height };
}
