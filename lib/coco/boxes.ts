/** A box in shares of the image, as a line of the JSONL holds it. */
export interface RelativeBox {
  topX: number;
  topY: number;
  bottomX: number;
  bottomY: number;
}

export type BoxOutcome = { box: RelativeBox; clamped: boolean } | { rejected: string };

/** COCO's [x, y, width, height] in pixels as shares of the image, clamped to it; or why it is no box. */
export function toRelativeBox(bbox: readonly unknown[], imageWidth: number, imageHeight: number): BoxOutcome {
  if (bbox.length !== 4 || !bbox.every((part): part is number => typeof part === "number" && Number.isFinite(part))) {
    return { rejected: "bbox is not four finite numbers" };
  }
  const [x, y, width, height] = bbox as [number, number, number, number];
  if (width < 0 || height < 0) return { rejected: "negative size" };
  if (width === 0 || height === 0) return { rejected: "zero area" };
  if (x >= imageWidth || y >= imageHeight || x + width <= 0 || y + height <= 0)
    return { rejected: "outside the image" };
  const exact = {
    topX: x / imageWidth,
    topY: y / imageHeight,
    bottomX: (x + width) / imageWidth,
    bottomY: (y + height) / imageHeight,
  };
  const box = {
    topX: clamp(exact.topX),
    topY: clamp(exact.topY),
    bottomX: clamp(exact.bottomX),
    bottomY: clamp(exact.bottomY),
  };
  const clamped = (Object.keys(box) as (keyof RelativeBox)[]).some((side) => box[side] !== exact[side]);
  return { box, clamped };
}

/** The inverse of {@link toRelativeBox} for boxes inside the image. */
export function toPixelBox(
  { topX, topY, bottomX, bottomY }: RelativeBox,
  imageWidth: number,
  imageHeight: number,
): [number, number, number, number] {
  return [topX * imageWidth, topY * imageHeight, (bottomX - topX) * imageWidth, (bottomY - topY) * imageHeight];
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}
