import { IdPlaces, type Id } from "./ids";

export interface Category {
  name: string;
  supercategory?: string;
}

/** The categories of the file, by place: annotations may name a category before it comes, or one that never comes. */
export class Categories {
  private readonly places = new IdPlaces();
  private readonly found = new Map<number, Category>();

  placeOf(id: Id): number {
    return this.places.of(id);
  }

  /** @returns false when a category of that id is there already */
  add(id: Id, category: Category): boolean {
    const place = this.placeOf(id);
    if (this.found.has(place)) return false;
    this.found.set(place, category);
    return true;
  }

  /** Undefined when the file has no such category, but annotations of it. */
  at(place: number): Category | undefined {
    return this.found.get(place);
  }

  /** Places that are in use. */
  get placeCount(): number {
    return this.places.ids.length;
  }

  /** The categories that the file has, each with its place, in the file's order. */
  entries(): Iterable<[place: number, category: Category]> {
    return this.found.entries();
  }
}
