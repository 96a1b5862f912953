/** What a table of images holds, as far as it tells whether anything can be learned from it. */
export interface TableSize {
  /** Images with at least one box. */
  images: number;
  /** Boxes of each label. */
  labels: Record<string, number>;
}

export interface Findings {
  problems: string[];
  warnings: string[];
}

/** AutoML refuses to train on fewer. */
const fewestImages = 10;
/** Fewer of a class are not enough to learn it. */
const fewestBoxes = 10;

/** What is wrong with a table of that size. @param what the table, in the user's words */
export function judgeSize(what: string, { images, labels }: TableSize): Findings {
  const problems =
    images < fewestImages
      ? [
          `${what}: ${images} images with boxes, and at least ${fewestImages} are needed. Add images, or mend the labels.`,
        ]
      : [];
  const warnings = Object.entries(labels)
    .filter(([, boxes]) => boxes < fewestBoxes)
    .map(([label, boxes]) => `${what}: class "${label}" has ${boxes} boxes; below ${fewestBoxes} it is hardly learned`);
  return { problems, warnings };
}
