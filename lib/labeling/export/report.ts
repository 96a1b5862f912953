import { agreementOf, noChanges, type BoxChanges } from "../comparison";
import { labelerName } from "../people";

/** What an export holds, and what it left out. Each task that somebody has looked at is counted once among the images. */
export interface ExportReport {
  images: {
    /** With at least one box. */
    labeled: number;
    /** Of which somebody said that there is nothing on them. */
    empty: number;
    skipped: number;
    /** With regions of which none is a box. */
    withoutBoxes: number;
    /** Looked at only by people whose work does not count. */
    others: number;
    /** Gone from the folder, or another picture by now. */
    removed: number;
    /** Of a task that was made by hand, or of one that is there twice. */
    foreign: number;
  };
  boxes: number;
  /** Boxes of each label. */
  labels: Record<string, number>;
  /** Boxes that reached over the image's border and were cut. */
  clamped: number;
  /** Boxes that were turned, of which the enclosing one is taken. */
  rotated: number;
  /** The first 1000 regions that are no boxes, with why. */
  rejected: { path: string; annotationId: number; reason: string }[];
  rejectedTotal: number;
  /** Images by the person whose annotation counts. */
  byLabeler: { labeler: string; images: number }[];
  /** From the first annotation that counts to the last change of one, ISO 8601; null without any. */
  annotated: { from: string; to: string } | null;
  /** Where several people did an image: how far the others agree with the annotation that counts. */
  agreement: Agreement;
  /** What people made of what a model had suggested to them. */
  preLabels: Agreement & { byLabel: Record<string, BoxChanges> };
}

export interface Agreement extends BoxChanges {
  images: number;
  /** F1 of the suggested boxes against the final ones, from 0 to 1; null without boxes. */
  value: number | null;
}

const mostTagCharacters = 256;

export function emptyExport(): ExportReport {
  const nothing = () => ({ images: 0, value: null, ...noChanges() });
  return {
    images: { labeled: 0, empty: 0, skipped: 0, withoutBoxes: 0, others: 0, removed: 0, foreign: 0 },
    boxes: 0,
    labels: {},
    clamped: 0,
    rotated: 0,
    rejected: [],
    rejectedTotal: 0,
    byLabeler: [],
    annotated: null,
    agreement: nothing(),
    preLabels: { ...nothing(), byLabel: {} },
  };
}

/** Enters what follows from the counts. */
export function finish(report: ExportReport, imagesOf: ReadonlyMap<number, number>): void {
  report.byLabeler = [...imagesOf]
    .sort(([a], [b]) => a - b)
    .map(([person, images]) => ({ labeler: labelerName(person), images }));
  for (const part of [report.agreement, report.preLabels]) part.value = agreementOf(part);
}

/** Tags of the export's data assets: who, when, and how far people and models agree. */
export function exportTags(report: ExportReport, project: string, time: string): Record<string, string> {
  const share = (value: number | null) => (value === null ? "none" : value.toFixed(3));
  const { images, boxes, byLabeler, annotated, agreement, preLabels } = report;
  const tags = {
    source: "labeling",
    project,
    // As the exports of Azure ML's own labeling were named.
    export: `${project}_${time.replace(/[-:]/g, "").replace("T", "_").slice(0, 15)}`,
    images: `${images.labeled}`,
    empty: `${images.empty}`,
    skipped: `${images.skipped}`,
    boxes: `${boxes}`,
    labelers: byLabeler.map(({ labeler, images: count }) => `${labeler}: ${count}`).join(", "),
    annotatedFrom: annotated?.from ?? "never",
    annotatedTo: annotated?.to ?? "never",
    agreement: share(agreement.value),
    preLabelAgreement: share(preLabels.value),
  };
  return Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, value.slice(0, mostTagCharacters)]));
}

/** A few lines for people. */
export function describeExport(report: ExportReport): string[] {
  const { images, boxes, labels, clamped, rotated, rejected, rejectedTotal, agreement, preLabels } = report;
  const counts = Object.entries(labels).map(([label, count]) => `${count} ${label}`);
  const left = Object.entries({
    "with nothing on them": images.empty,
    skipped: images.skipped,
    "without a box that can be used": images.withoutBoxes,
    "of people whose work does not count": images.others,
    "that are gone": images.removed,
    "of tasks that are not this project's": images.foreign,
  }).filter(([, count]) => count > 0);
  const lines = [
    `${images.labeled} labeled images, ${boxes} boxes${counts.length > 0 ? ` (${counts.join(", ")})` : ""}`,
  ];
  if (left.length > 0) lines.push(`not among them: ${left.map(([what, count]) => `${count} ${what}`).join(", ")}`);
  if (clamped + rotated > 0) lines.push(`${clamped} boxes cut at the border, ${rotated} turned ones enclosed`);
  const [first] = rejected;
  if (first) lines.push(`${rejectedTotal} regions are no boxes, such as one of ${first.path}: ${first.reason}`);
  if (agreement.images > 0)
    lines.push(`several people did ${agreement.images} images: agreement ${percent(agreement.value)}`);
  if (preLabels.images > 0) {
    lines.push(
      `pre-labels of ${preLabels.images} images: ${describeChanges(preLabels)}; agreement ${percent(preLabels.value)}`,
    );
    for (const [label, changes] of Object.entries(preLabels.byLabel))
      lines.push(`pre-labels of ${label}: ${describeChanges(changes)}; agreement ${percent(agreementOf(changes))}`);
  }
  return lines;
}

function describeChanges({ unchanged, moved, deleted, missed }: BoxChanges): string {
  return `${unchanged} taken as they were, ${moved} moved, ${deleted} deleted, ${missed} missed`;
}

function percent(value: number | null): string {
  return value === null ? "unknown" : `${(100 * value).toFixed(1)} %`;
}
