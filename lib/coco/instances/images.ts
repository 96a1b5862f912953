import { IdPlaces, type Id } from "./ids";

/** An image's `file_name`, `width` and `height`; undefined is what the file does not give, or gives as nonsense. */
export interface ImageFacts {
  fileName?: string;
  width?: number;
  height?: number;
}

/** The images of the file, by place: annotations may name an image before it comes, or one that never comes. */
export class Images {
  /** Places of the images that the file has, in its order. */
  readonly order: number[] = [];
  private readonly places = new IdPlaces();
  private readonly facts: (ImageFacts | undefined)[] = [];

  placeOf(id: Id): number {
    const place = this.places.of(id);
    if (place === this.facts.length) this.facts.push(undefined);
    return place;
  }

  idAt(place: number): Id {
    return this.places.ids[place];
  }

  /** @returns false when the image is there already */
  add(id: Id, facts: ImageFacts): boolean {
    const place = this.placeOf(id);
    if (this.facts[place]) return false;
    this.facts[place] = facts;
    this.order.push(place);
    return true;
  }

  /** Undefined when the file has no such image, but annotations of it. */
  at(place: number): ImageFacts | undefined {
    return this.facts[place];
  }

  /** Places that are in use. */
  get placeCount(): number {
    return this.places.ids.length;
  }
}
