import { toRelativeBox } from "./boxes";
import type { Labels } from "./classes";
import { nowhere, type Annotations } from "./instances/annotations";
import type { Instances } from "./instances/read";
import { namedAtMost, type ConvertReport, type RejectReason, type SkipReason } from "./report";

/** Rows of the annotations that are boxes, by image. */
export class BoxesByImage {
  /** Where the rows of each image's place begin; one more at the end. */
  private readonly starts: Int32Array;
  private readonly rows: Int32Array;
  /** Of the rows. */
  private readonly categories: Int32Array;

  /** @param annotations of which those without an image are none */
  constructor(annotations: Annotations, placeCount: number) {
    const noPlace = nowhere;
    this.starts = new Int32Array(placeCount + 1);
    for (let row = 0; row < annotations.count; row++) {
      const place = annotations.imageAt(row);
      if (place !== noPlace) this.starts[place + 1]++;
    }
    for (let place = 0; place < placeCount; place++) this.starts[place + 1] += this.starts[place];
    this.rows = new Int32Array(this.starts[placeCount]);
    this.categories = new Int32Array(this.starts[placeCount]);
    const filled = this.starts.slice();
    for (let row = 0; row < annotations.count; row++) {
      const place = annotations.imageAt(row);
      if (place === noPlace) continue;
      const at = filled[place]++;
      this.rows[at] = row;
      this.categories[at] = annotations.categoryAt(row);
    }
  }

  /** In the file's order. */
  of(place: number): Int32Array {
    return this.rows.subarray(this.starts[place], this.starts[place + 1]);
  }

  /** Places of the boxes' categories, without a look at the annotations, which lie all over memory. */
  categoriesOf(place: number): Int32Array {
    return this.categories.subarray(this.starts[place], this.starts[place + 1]);
  }
}

/**
 * Judges each annotation, and enters the outcome in the report. Boxes are turned into shares of the image where they are;
 * what is no box loses its image.
 * @param leftOut why the image of a place is left out
 */
export function assess(
  { images, annotations, categories }: Instances,
  labels: Labels,
  leftOut: ReadonlyMap<number, SkipReason>,
  report: ConvertReport,
): BoxesByImage {
  const box = new Float64Array(4);
  // An import is a property that is looked up each time, which costs here.
  const [noPlace, toRelative] = [nowhere, toRelativeBox];
  const labelAt = Array.from({ length: categories.placeCount }, (_, place) => labels.get(place));
  const [boxesOf, droppedOf] = [new Float64Array(categories.placeCount), new Float64Array(categories.placeCount)];
  for (let row = 0; row < annotations.count; row++) {
    const category = annotations.categoryAt(row);
    const label = category === noPlace ? undefined : labelAt[category];
    const image = annotations.imageAt(row);
    const outcome = judge(row, image, label);
    if (typeof outcome === "boolean") {
      annotations.setBox(row, box);
      boxesOf[category]++;
      if (outcome) report.clamped++;
      continue;
    }
    annotations.setImage(row, noPlace);
    if (outcome === "dropped") droppedOf[category]++;
    else {
      report.rejectedTotal++;
      if (report.rejected.length < namedAtMost) {
        const imageId = image === noPlace ? null : images.idAt(image);
        report.rejected.push({ annotationId: annotations.idAt(row), imageId, reason: outcome });
      }
    }
  }
  report.labels = countsByName(boxesOf, (place) => labels.get(place));
  report.dropped = countsByName(droppedOf, (place) => categories.at(place)?.name);
  report.boxes = sum(boxesOf);
  if ([...labels.values()].includes(null)) report.skipped.other_class = sum(droppedOf);
  return new BoxesByImage(annotations, images.placeCount);

  /** True or false for a box, clamped or not. */
  function judge(row: number, place: number, label: string | null | undefined): boolean | "dropped" | RejectReason {
    const image = place === noPlace ? undefined : images.at(place);
    if (!image) return "unknown image";
    if (label === undefined) return "unknown category";
    if (label === null) return "dropped";
    const reason = leftOut.size > 0 ? leftOut.get(place) : undefined;
    if (reason) return `image left out: ${reason}`;
    const fault = annotations.faultAt(row);
    if (fault) return fault;
    annotations.boxAt(row, box);
    return toRelative(box, image.width ?? 0, image.height ?? 0);
  }
}

/** What was counted by place, by name and in the names' order. */
function countsByName(
  counts: Float64Array,
  nameOf: (place: number) => string | null | undefined,
): Record<string, number> {
  const byName = new Map<string, number>();
  counts.forEach((count, place) => {
    const name = nameOf(place);
    if (count > 0 && typeof name === "string") byName.set(name, (byName.get(name) ?? 0) + count);
  });
  return Object.fromEntries([...byName].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function sum(counts: Float64Array): number {
  return counts.reduce((total, count) => total + count, 0);
}
