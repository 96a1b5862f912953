import type { Scalar } from "../json/reader";

/** An id as the file has it, exactly: integers beyond 2^53 are bigints, and "1" is another id than 1. */
export type Id = number | bigint | string;

/** Undefined when the value can be no id. */
export function asId(value: Scalar | undefined): Id | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  return typeof value === "bigint" || typeof value === "string" ? value : undefined;
}

/** Ids that are whole and below this, as COCO's are, are looked up in an array: a map takes several times as long. */
const smallIds = 1 << 22;

/** Gives ids places, numbered in the order in which they are first named. */
export class IdPlaces {
  readonly ids: Id[] = [];
  /** One more than the place of each small id, 0 for none. */
  private small = new Int32Array(1024);
  private readonly others = new Map<Id, number>();

  /** Place of the id, made when it has none. */
  of(id: Id): number {
    if (typeof id !== "number" || !(id >= 0 && id < smallIds) || !Number.isInteger(id)) return this.ofOther(id);
    if (id >= this.small.length) this.growFor(id);
    return (this.small[id] ||= this.ids.push(id)) - 1;
  }

  private ofOther(id: Id): number {
    let place = this.others.get(id);
    if (place === undefined) this.others.set(id, (place = this.ids.push(id) - 1));
    return place;
  }

  private growFor(id: number): void {
    const grown = new Int32Array(2 ** Math.ceil(Math.log2(id + 1)));
    grown.set(this.small);
    this.small = grown;
  }
}
