import { mulberry32 } from "../../random";
import type { HeldOutPicture } from "../pictures/heldOut";

/** A part of the data, such as training or validation. */
export interface PartFigures {
  name: string;
  images: number;
  boxes: number;
  /** Images without a box. */
  empty: number;
  /** Boxes of each label. */
  labels: Map<string, number>;
}

/** Upper limits of the classes of box sizes: the share of the image that a box covers. */
export const sizeLimits = [0.001, 0.004, 0.016, 0.064, 0.25, 1] as const;
/** Upper limits of the classes of box shapes: width by height, in pixels where the image's size is known. */
export const aspectLimits = [0.25, 0.5, 0.8, 1.25, 2, 4, Infinity] as const;

/** Counts what is in a data set, an image at a time: memory does not grow with the number of images. */
export class DataStatistics {
  readonly parts = new Map<string, PartFigures>();
  readonly sizes = new Array<number>(sizeLimits.length).fill(0);
  readonly aspects = new Array<number>(aspectLimits.length).fill(0);

  add(part: string, { truth, width, height }: HeldOutPicture): void {
    let figures = this.parts.get(part);
    if (!figures) this.parts.set(part, (figures = { name: part, images: 0, boxes: 0, empty: 0, labels: new Map() }));
    figures.images++;
    figures.boxes += truth.length;
    if (truth.length === 0) figures.empty++;
    for (const { label, topX, topY, bottomX, bottomY } of truth) {
      figures.labels.set(label, (figures.labels.get(label) ?? 0) + 1);
      const [w, h] = [bottomX - topX, bottomY - topY];
      count(this.sizes, sizeLimits, w * h);
      count(this.aspects, aspectLimits, (w * (width ?? 1)) / (h * (height ?? 1)));
    }
  }

  get images(): number {
    return [...this.parts.values()].reduce((sum, { images }) => sum + images, 0);
  }

  get boxes(): number {
    return [...this.parts.values()].reduce((sum, { boxes }) => sum + boxes, 0);
  }

  /** Boxes of each label in all parts, the most frequent label first. */
  labels(): [label: string, boxes: number][] {
    const all = new Map<string, number>();
    for (const { labels } of this.parts.values())
      for (const [label, boxes] of labels) all.set(label, (all.get(label) ?? 0) + boxes);
    return [...all].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  }
}

function count(classes: number[], limits: readonly number[], value: number): void {
  const found = limits.findIndex((limit) => value <= limit);
  const at = found === -1 ? limits.length - 1 : found;
  classes[at] = (classes[at] ?? 0) + 1;
}

/**
 * A fair choice of so many of a stream of unknown length, the same for the same stream: each item stays with the same
 * probability (Vitter's algorithm R).
 */
export class Sample<T> {
  readonly items: T[] = [];
  private seen = 0;
  private readonly random = mulberry32(0x9e3779b9);

  constructor(private readonly most: number) {}

  offer(item: T): void {
    this.seen++;
    if (this.items.length < this.most) {
      this.items.push(item);
      return;
    }
    const at = Math.floor(this.random() * this.seen);
    if (at < this.most) this.items[at] = item;
  }
}
