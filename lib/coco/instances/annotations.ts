import type { Id } from "./ids";

const blockBits = 16;
const blockRows = 1 << blockBits;
const rowMask = blockRows - 1;

/** What is wrong with an annotation as it is written. */
export type AnnotationFault = "bbox is not four numbers" | "iscrowd is neither 0 nor 1";
const faults: readonly (AnnotationFault | undefined)[] = [
  undefined,
  "bbox is not four numbers",
  "iscrowd is neither 0 nor 1",
];

/** Stands for a place that the annotation does not name. */
export const nowhere = -1;

interface Block {
  image: Int32Array;
  category: Int32Array;
  /** Four numbers a row. */
  box: Float64Array;
  /** NaN where the id is no number. */
  id: Float64Array;
  isCrowd: Uint8Array;
  fault: Uint8Array;
}

/**
 * The annotations in the file's order, as columns: 860,000 of them take 45 MB so, and as objects several times that. Columns
 * grow by blocks, so that growing copies nothing.
 */
export class Annotations {
  count = 0;
  private readonly blocks: Block[] = [];
  private readonly otherIds = new Map<number, Id | null>();

  /**
   * @param image place of the image, or {@link nowhere}
   * @param category place of the category, or {@link nowhere}
   * @param box x, y, width, height in pixels
   */
  add(
    id: Id | undefined,
    image: number,
    category: number,
    box: Float64Array,
    isCrowd: boolean,
    fault?: AnnotationFault,
  ): void {
    const row = this.count++ & rowMask;
    if (row === 0) this.blocks.push(emptyBlock());
    const block = this.blocks[this.blocks.length - 1];
    block.image[row] = image;
    block.category[row] = category;
    for (let side = 0; side < 4; side++) block.box[4 * row + side] = box[side];
    block.isCrowd[row] = isCrowd ? 1 : 0;
    block.fault[row] = faults.indexOf(fault);
    if (typeof id === "number") block.id[row] = id;
    else {
      block.id[row] = Number.NaN;
      this.otherIds.set(this.count - 1, id ?? null);
    }
  }

  /** The annotation's own id, null when it has none. */
  idAt(index: number): Id | null {
    const id = this.block(index).id[index & rowMask];
    return Number.isNaN(id) ? (this.otherIds.get(index) ?? null) : id;
  }

  imageAt(index: number): number {
    return this.block(index).image[index & rowMask];
  }

  setImage(index: number, place: number): void {
    this.block(index).image[index & rowMask] = place;
  }

  categoryAt(index: number): number {
    return this.block(index).category[index & rowMask];
  }

  isCrowdAt(index: number): boolean {
    return this.block(index).isCrowd[index & rowMask] === 1;
  }

  faultAt(index: number): AnnotationFault | undefined {
    return faults[this.block(index).fault[index & rowMask]];
  }

  /** Copies the annotation's four numbers to `into`. */
  boxAt(index: number, into: Float64Array): void {
    const { box } = this.block(index);
    const first = 4 * (index & rowMask);
    for (let side = 0; side < 4; side++) into[side] = box[first + side];
  }

  setBox(index: number, numbers: Float64Array): void {
    const { box } = this.block(index);
    const first = 4 * (index & rowMask);
    for (let side = 0; side < 4; side++) box[first + side] = numbers[side];
  }

  private block(index: number): Block {
    return this.blocks[index >> blockBits];
  }
}

function emptyBlock(): Block {
  return {
    image: new Int32Array(blockRows),
    category: new Int32Array(blockRows),
    box: new Float64Array(4 * blockRows),
    id: new Float64Array(blockRows),
    isCrowd: new Uint8Array(blockRows),
    fault: new Uint8Array(blockRows),
  };
}
