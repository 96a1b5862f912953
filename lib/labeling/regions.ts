import { toRelativeBox, type BoxFault } from "../coco/boxes";
import { boxesTag, imageTag } from "./labelConfig";

/** A rectangle as Label Studio has it: in percent of the image, turned by `rotation` degrees around its top left corner. */
export interface Region {
  from_name: string;
  to_name: string;
  type: string;
  /** Pixels of the image. */
  original_width: number;
  original_height: number;
  image_rotation?: number;
  value: { x: number; y: number; width: number; height: number; rotation?: number; rectanglelabels?: string[] };
  score?: number;
}

/** A box in shares of the image from its top left corner. */
export interface ShareBox {
  label: string;
  topX: number;
  topY: number;
  bottomX: number;
  bottomY: number;
}

/** Why a region is no box. */
export type RegionFault = BoxFault | "no label" | "several labels" | "no rectangle" | "the image was turned";

export interface JudgedRegion {
  box: ShareBox;
  /** It reached over the image's border, and was cut there. */
  clamped: boolean;
  /** It was turned, and the box is the one that encloses it. */
  rotated: boolean;
}

/** A region as a box, or why it is none; sizes and places are judged as those of COCO annotations. */
export function readRegion(region: Region): JudgedRegion | RegionFault {
  if (region.type !== "rectanglelabels") return "no rectangle";
  if ((region.image_rotation ?? 0) % 360 !== 0) return "the image was turned";
  const labels = region.value.rectanglelabels ?? [];
  const [label] = labels;
  if (label === undefined || label === "") return "no label";
  if (labels.length > 1) return "several labels";
  const rotated = (region.value.rotation ?? 0) % 360 !== 0;
  const box = Float64Array.from(rotated ? enclosing(region) : percentOf(region));
  const outcome = toRelativeBox(box, 100, 100);
  if (typeof outcome === "string") return outcome;
  const [topX, topY, bottomX, bottomY] = [box[0], box[1], box[2], box[3]];
  return { box: { label, topX, topY, bottomX, bottomY }, clamped: outcome, rotated };
}

/** A box as the region of a pre-label. @param score confidence from 0 to 1 */
export function toRegion(box: ShareBox, image: { width: number; height: number }, score?: number): Region {
  return {
    from_name: boxesTag,
    to_name: imageTag,
    type: "rectanglelabels",
    original_width: image.width,
    original_height: image.height,
    image_rotation: 0,
    value: {
      x: 100 * box.topX,
      y: 100 * box.topY,
      width: 100 * (box.bottomX - box.topX),
      height: 100 * (box.bottomY - box.topY),
      rotation: 0,
      rectanglelabels: [box.label],
    },
    ...(score === undefined ? {} : { score }),
  };
}

type Numbers = [x: number, y: number, width: number, height: number];

function percentOf({ value: { x, y, width, height } }: Region): Numbers {
  return [x, y, width, height];
}

/** Turned in pixels, since a percent is of another length along each side. A size below zero is left to the judgement. */
function enclosing(region: Region): Numbers {
  const [x, y, width, height] = percentOf(region);
  if (width < 0 || height < 0) return [x, y, width, height];
  const { original_width: w, original_height: h } = region;
  const turn = ((region.value.rotation ?? 0) * Math.PI) / 180;
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const corners = [
    [0, 0],
    [width * w, 0],
    [0, height * h],
    [width * w, height * h],
  ].map(([right = 0, down = 0]) => [(right * cos - down * sin) / w, (right * sin + down * cos) / h] as const);
  const [xs, ys] = [corners.map(([across]) => x + across), corners.map(([, down]) => y + down)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return [left, top, Math.max(...xs) - left, Math.max(...ys) - top];
}
