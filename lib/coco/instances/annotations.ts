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

/**
 * Numbers of a row, side by side: whoever takes the rows of an image goes all over memory, and comes to a row once. Four
 * are the box; the fifth is two integers, the image and {@link metaOf}.
 */
const rowNumbers = 5;
const rowIntegers = 2 * rowNumbers;
const imageAt = 8;
const metaAt = 9;
const crowdBit = 4;
const categoryShift = 3;

interface Block {
  numbers: Float64Array;
  /** The same memory as {@link numbers}. */
  integers: Int32Array;
  /** NaN where the id is no number. */
  id: Float64Array;
}

/**
 * The annotations in the file's order, in typed arrays: 860,000 of them take 41 MB so, and as objects several times that. They
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
    for (let side = 0; side < 4; side++) block.numbers[rowNumbers * row + side] = box[side];
    block.integers[rowIntegers * row + imageAt] = image;
    block.integers[rowIntegers * row + metaAt] = metaOf(category, isCrowd, faults.indexOf(fault));
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
    return this.block(index).integers[rowIntegers * (index & rowMask) + imageAt];
  }

  setImage(index: number, place: number): void {
    this.block(index).integers[rowIntegers * (index & rowMask) + imageAt] = place;
  }

  categoryAt(index: number): number {
    return this.meta(index) >> categoryShift;
  }

  isCrowdAt(index: number): boolean {
    return (this.meta(index) & crowdBit) !== 0;
  }

  faultAt(index: number): AnnotationFault | undefined {
    return faults[this.meta(index) & (crowdBit - 1)];
  }

  /** Copies the annotation's four numbers to `into`. */
  boxAt(index: number, into: Float64Array): void {
    const { numbers } = this.block(index);
    const first = rowNumbers * (index & rowMask);
    for (let side = 0; side < 4; side++) into[side] = numbers[first + side];
  }

  setBox(index: number, box: Float64Array): void {
    const { numbers } = this.block(index);
    const first = rowNumbers * (index & rowMask);
    for (let side = 0; side < 4; side++) numbers[first + side] = box[side];
  }

  private meta(index: number): number {
    return this.block(index).integers[rowIntegers * (index & rowMask) + metaAt];
  }

  private block(index: number): Block {
    return this.blocks[index >> blockBits];
  }
}

/** What is left of a row, in one integer: category, crowd, fault. */
function metaOf(category: number, isCrowd: boolean, fault: number): number {
  return (category << categoryShift) | (isCrowd ? crowdBit : 0) | fault;
}

function emptyBlock(): Block {
  const numbers = new Float64Array(rowNumbers * blockRows);
  return { numbers, integers: new Int32Array(numbers.buffer), id: new Float64Array(blockRows) };
}
