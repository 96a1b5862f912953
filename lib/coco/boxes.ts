/** Why four numbers are no box. */
export type BoxFault = "not finite (NaN or infinite)" | "negative size" | "zero area" | "outside the image";

/**
 * Turns COCO's [x, y, width, height] in pixels, in place, into [topX, topY, bottomX, bottomY] in shares of the image, clamped
 * to it. However small, numbers are pixels.
 * @returns whether it had to be clamped, or why it is no box; the numbers are of no use then
 */
export function toRelativeBox(box: Float64Array, imageWidth: number, imageHeight: number): boolean | BoxFault {
  const [x, y, width, height] = [box[0], box[1], box[2], box[3]];
  if (!Number.isFinite(x) || !Number.isFinite(y) || !Number.isFinite(width) || !Number.isFinite(height)) {
    return "not finite (NaN or infinite)";
  }
  if (width < 0 || height < 0) return "negative size";
  if (width === 0 || height === 0) return "zero area";
  const right = x + width;
  const bottom = y + height;
  if (x >= imageWidth || y >= imageHeight || right <= 0 || bottom <= 0) return "outside the image";
  box[0] = Math.max(0, x / imageWidth);
  box[1] = Math.max(0, y / imageHeight);
  box[2] = Math.min(1, right / imageWidth);
  box[3] = Math.min(1, bottom / imageHeight);
  // A size below the numbers' resolution at that place.
  if (box[2] <= box[0] || box[3] <= box[1]) return "zero area";
  return x < 0 || y < 0 || right > imageWidth || bottom > imageHeight;
}
