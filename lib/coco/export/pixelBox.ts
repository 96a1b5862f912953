import type { LabeledBox } from "../tables/lines";

/** COCO's [x, y, width, height] in pixels. */
export type PixelBox = [x: number, y: number, width: number, height: number];

/**
 * The pixels of a box in shares of the image: those that the conversion turns into exactly the same shares, in the shortest
 * form that does. For a box that came from pixels inside the image they are these pixels.
 */
export function toPixelBox(
  { topX, topY, bottomX, bottomY }: Omit<LabeledBox, "label" | "isCrowd">,
  imageWidth: number,
  imageHeight: number,
): PixelBox {
  const [x, width] = toPixels(topX, bottomX, imageWidth);
  const [y, height] = toPixels(topY, bottomY, imageHeight);
  return [x, y, width, height];
}

function toPixels(from: number, to: number, extent: number): [start: number, length: number] {
  const start = shortest(from * extent, (pixels) => pixels / extent === from);
  const length = shortest(to * extent - start, (pixels) => (start + pixels) / extent === to);
  return [start, length];
}

const mostDecimals = 12;
/** Products and quotients are each half a unit of the last place off at most, so the exact number is not far. */
const neighbours = 8;

/** The number near `estimate` with the fewest decimals that is exact; the estimate when none is. */
function shortest(estimate: number, isExact: (pixels: number) => boolean): number {
  for (let decimals = 0; decimals <= mostDecimals; decimals++) {
    const rounded = Math.round(estimate * 10 ** decimals) / 10 ** decimals;
    if (isExact(rounded)) return rounded;
  }
  for (let steps = 0; steps <= neighbours; steps++) {
    const away = (steps * estimate * Number.EPSILON) / 2;
    for (const candidate of [estimate + away, estimate - away]) if (isExact(candidate)) return candidate;
  }
  return estimate;
}
