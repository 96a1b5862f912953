import sharp from "sharp";
import { inputBlock } from "./model";
import type { Random } from "./random";
import type { Box } from "./types";

/** A picture as the network sees it: side x side x RGB, each value from 0 to 255. */
export interface Pixels {
  side: number;
  values: Uint8Array;
}

/**
 * Decodes a picture of any size and kind that the libraries of the service read too, turned as its EXIF data says, and
 * stretches it to a square; boxes are shares, so they need no change.
 * @throws Error that says what to do
 */
export async function decodePicture(image: Uint8Array, side: number): Promise<Pixels> {
  let values: Buffer;
  try {
    values = await sharp(image)
      .rotate()
      .removeAlpha()
      .toColourspace("srgb")
      .resize(side, side, { fit: "fill" })
      .raw({ depth: "uchar" })
      .toBuffer();
  } catch (error) {
    throw new Error(
      `The image cannot be decoded (${(error as Error).message.split("\n")[0]}). JPEG, PNG, WebP, GIF, TIFF are read; write it anew in one of these.`,
      { cause: error },
    );
  }
  return { side, values };
}

/** How a picture is varied in training. */
export interface View {
  mirrored: boolean;
  /** Side of the part that is seen, in shares of the picture; above 1 the border is repeated. */
  zoom: number;
  /** Left and top border of that part, in shares. */
  left: number;
  top: number;
  /** Factors on the colours. */
  gains: [number, number, number];
}

export const plainView: View = { mirrored: false, zoom: 1, left: 0, top: 0, gains: [1, 1, 1] };

export function randomView(random: Random): View {
  const zoom = 0.9 + 0.2 * random.uniform();
  const brightness = 0.88 + 0.24 * random.uniform();
  const gain = () => brightness * (0.95 + 0.1 * random.uniform());
  return {
    mirrored: random.uniform() < 0.5,
    zoom,
    left: (1 - zoom) * random.uniform(),
    top: (1 - zoom) * random.uniform(),
    gains: [gain(), gain(), gain()],
  };
}

/** The box in the view; undefined when too little of it is seen. */
export function boxInView({ topX, topY, bottomX, bottomY }: Box, { mirrored, zoom, left, top }: View): Box | undefined {
  const [x0, x1] = mirrored ? [1 - bottomX, 1 - topX] : [topX, bottomX];
  const seen = {
    topX: Math.max(0, (x0 - left) / zoom),
    topY: Math.max(0, (topY - top) / zoom),
    bottomX: Math.min(1, (x1 - left) / zoom),
    bottomY: Math.min(1, (bottomY - top) / zoom),
  };
  const area = Math.max(0, seen.bottomX - seen.topX) * Math.max(0, seen.bottomY - seen.topY);
  const whole = ((x1 - x0) * (bottomY - topY)) / (zoom * zoom);
  return area >= 0.4 * whole ? seen : undefined;
}

/** Writes a view of a picture into the network's input, in which a block of pixels is one position of many channels. */
export function writeInput(target: Float32Array, offset: number, { side, values }: Pixels, view: View): void {
  // Local names: read in the innermost loop, an import costs a call each time.
  const block = inputBlock;
  const blocks = side / block;
  const columns = Int32Array.from({ length: side }, (_, x) => source(view.left + ((x + 0.5) / side) * view.zoom, side));
  for (let y = 0; y < side; y++) {
    const row = source(view.top + ((y + 0.5) / side) * view.zoom, side) * side;
    const rowStart = Math.floor(y / block) * blocks * block * block + (y % block) * block;
    for (let x = 0; x < side; x++) {
      const column = columns[x];
      const from = 3 * (row + (view.mirrored ? side - 1 - column : column));
      const to = offset + 3 * (rowStart + Math.floor(x / block) * block * block + (x % block));
      for (let colour = 0; colour < 3; colour++)
        target[to + colour] = (values[from + colour] * view.gains[colour]) / 127.5 - 1;
    }
  }
}

function source(share: number, side: number): number {
  return Math.min(side - 1, Math.max(0, Math.floor(share * side)));
}
