import type { JudgedRegion, Region, RegionFault } from "./regions";
import { readRegion } from "./regions";

/** What one person made of an image. */
export interface Annotation {
  id: number;
  /** Number of the person in Label Studio. */
  completed_by: number;
  /** The person skipped the image. */
  was_cancelled: boolean;
  /** A reviewer's mark of the one that counts. */
  ground_truth: boolean;
  created_at: string;
  updated_at: string;
  result: Region[];
}

/** Whose work counts. */
export interface Counting {
  /** Whether a person's work counts at all. @default everybody's does */
  counts?: (person: number) => boolean;
  /** Whether it counts before that of others. @default nobody's does */
  isReviewer?: (person: number) => boolean;
}

/**
 * What has become of an image: regions were drawn (of which those that are no boxes are rejected), somebody said "nothing
 * here", whoever looked at it skipped it, or nobody has done it.
 */
export type ImageOutcome =
  | { kind: "labeled"; annotation: Annotation; boxes: JudgedRegion[]; rejected: RegionFault[] }
  | { kind: "empty"; annotation: Annotation }
  | { kind: "skipped" }
  | { kind: "left" };

/** The outcome of an image that several people may have looked at: the reviewed annotation counts, else the newest. */
export function outcomeOf(annotations: readonly Annotation[], counting: Counting = {}): ImageOutcome {
  const { counts = () => true, isReviewer = () => false } = counting;
  const counted = annotations.filter(({ completed_by: person }) => counts(person));
  const done = counted.filter(({ was_cancelled: skipped }) => !skipped);
  if (done.length === 0) return { kind: counted.length > 0 ? "skipped" : "left" };
  const annotation = done.reduce((best, next) => (isRather(next, best, isReviewer) ? next : best));
  if (annotation.result.length === 0) return { kind: "empty", annotation };
  const judged = annotation.result.map(readRegion);
  const boxes = judged.filter((outcome): outcome is JudgedRegion => typeof outcome !== "string");
  const rejected = judged.filter((outcome): outcome is RegionFault => typeof outcome === "string");
  return { kind: "labeled", annotation, boxes, rejected };
}

function isRather(a: Annotation, b: Annotation, isReviewer: (person: number) => boolean): boolean {
  if (a.ground_truth !== b.ground_truth) return a.ground_truth;
  const [reviewed, other] = [isReviewer(a.completed_by), isReviewer(b.completed_by)];
  if (reviewed !== other) return reviewed;
  const [newer, older] = [Date.parse(a.updated_at), Date.parse(b.updated_at)];
  return newer === older ? a.id > b.id : newer > older;
}
