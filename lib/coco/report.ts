import type { BoxFault } from "./boxes";
import type { AnnotationFault } from "./instances/annotations";
import type { Id } from "./instances/ids";

/** Why an image is left out. */
export type SkipReason =
  "no_boxes" | "bad_file_name" | "duplicate_file_name" | "no_size" | "missing_file" | "unreadable_file";

export type RejectReason =
  BoxFault | AnnotationFault | "unknown image" | "unknown category" | `image left out: ${SkipReason}`;

/** What a conversion made of its input. Each image of the file is counted once, and so is each annotation. */
export interface ConvertReport {
  /** What was put before the file names, so that the way back finds them again. */
  imageUrlPrefix: string;
  /** Images with at least one box: the lines that were written. */
  images: number;
  boxes: number;
  /** Boxes of each label. */
  labels: Record<string, number>;
  /** Images that were left out, by reason; and as `other_class` the annotations whose class is not wanted. */
  skipped: Partial<Record<SkipReason | "other_class", number>>;
  /** The annotations of `skipped.other_class`, by category. */
  dropped: Record<string, number>;
  /** Boxes that reached over the image's border and were cut. */
  clamped: number;
  /** The first 1000 annotations that are no boxes, with why. */
  rejected: { annotationId: Id | null; imageId: Id | null; reason: RejectReason }[];
  rejectedTotal: number;
  /** With a folder of images. */
  files?: FilesReport;
}

/** What was found in the folder of images; of each list the first 1000. */
export interface FilesReport {
  /** Names of files that are not there. */
  missing: string[];
  /** Names of files that are no image, or none that can be read. */
  unreadable: string[];
  /** Images whose file has another size than the annotations say, which is the one that counts. */
  otherSize: { fileName: string; declared: [width: number, height: number]; actual: [width: number, height: number] }[];
  otherSizeTotal: number;
}

/** How many are named of what could be very many. */
export const namedAtMost = 1000;

/** A report without anything in it. */
export function emptyReport(imageUrlPrefix: string): ConvertReport {
  return {
    imageUrlPrefix,
    images: 0,
    boxes: 0,
    labels: {},
    skipped: { no_boxes: 0 },
    dropped: {},
    clamped: 0,
    rejected: [],
    rejectedTotal: 0,
  };
}

/** The report as JSON; an integer beyond 2^53 stands as it does in the annotations. */
export function formatReport(report: ConvertReport): string {
  const big = (_key: string, value: unknown) => (typeof value === "bigint" ? `${bigMark}${value}` : value);
  const text = JSON.stringify(report, big, 2).replaceAll(new RegExp(`"${bigMark}(-?\\d+)"`, "g"), "$1");
  return `${text}\n`;
}

/** No id begins so: this is how JSON writes it. */
const bigMark = "\ue000big\ue000";
