import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { KeySet } from "../../content/keySet";
import { namedAtMost } from "../../coco/report";
import { TextWriter } from "../../coco/tables/lines";
import { listAnnotatedTasks } from "../api";
import type { AnnotatedTask } from "../wire";
import type { LabelStudioClient } from "../client";
import { addChanges, compareBoxes, noChanges } from "../comparison";
import { outcomeOf, type Annotation, type Counting, type ImageOutcome } from "../outcome";
import { readRegion, type ShareBox } from "../regions";
import { emptyExport, finish, type Agreement, type ExportReport } from "./report";

export interface SnapshotSettings {
  client: LabelStudioClient;
  projectId: number;
  /** Of the project; regions with another one are rejected. */
  labels: readonly string[];
  counting: Counting;
  /** COCO instances file to write. */
  file: string;
  onProgress?: (done: number) => void;
}

export interface Snapshot {
  report: ExportReport;
  /** SHA-256 of the images with boxes: their versions, sizes and boxes; hexadecimal. */
  hash: string;
}

const told = 1000;

/**
 * Writes what people have made to a COCO instances file, a page of tasks in memory at a time. What people do meanwhile is in
 * it, or in the next one.
 */
export async function writeSnapshot(settings: SnapshotSettings): Promise<Snapshot> {
  const { file, labels, onProgress } = settings;
  const parts = [`${file}.images`, `${file}.annotations`] as const;
  const writer = new SnapshotWriter(settings, new TextWriter(parts[0]), new TextWriter(parts[1]));
  let done = 0;
  try {
    for await (const task of listAnnotatedTasks(settings.client, settings.projectId)) {
      writer.add(task);
      if (++done % told === 0) onProgress?.(done);
    }
  } finally {
    writer.close();
  }
  const categories = labels.map((name, index) => ({ id: index + 1, name }));
  async function* whole() {
    yield `{"categories":${JSON.stringify(categories)},\n"images":[`;
    yield* createReadStream(parts[0]);
    yield '],\n"annotations":[';
    yield* createReadStream(parts[1]);
    yield "]}\n";
  }
  await pipeline(Readable.from(whole()), createWriteStream(file));
  for (const part of parts) await rm(part);
  return writer.end();
}

class SnapshotWriter {
  private readonly report = emptyExport();
  private readonly hash = createHash("sha256");
  private readonly imagesOf = new Map<number, number>();
  private readonly seen = new KeySet();
  private readonly categories: ReadonlyMap<string, number>;

  constructor(
    settings: SnapshotSettings,
    private readonly images: TextWriter,
    private readonly annotations: TextWriter,
    private readonly counting = settings.counting,
  ) {
    this.categories = new Map(settings.labels.map((label, index) => [label, index + 1]));
  }

  add(task: AnnotatedTask): void {
    const { path, removed } = task.data;
    const counts = this.report.images;
    if (removed !== undefined) counts.removed++;
    else if (typeof path !== "string" || task.meta.version === undefined || this.seen.has(path)) counts.foreign++;
    else {
      this.seen.add(path);
      this.addImage(path, task, outcomeOf(task.annotations, this.counting));
    }
  }

  close(): void {
    this.images.close();
    this.annotations.close();
  }

  end(): Snapshot {
    finish(this.report, this.imagesOf);
    return { report: this.report, hash: this.hash.digest("hex") };
  }

  private addImage(path: string, task: AnnotatedTask, outcome: ImageOutcome): void {
    const { images } = this.report;
    if (outcome.kind === "skipped" || outcome.kind === "left") {
      images[outcome.kind === "left" ? "others" : "skipped"]++;
      return;
    }
    const { annotation } = outcome;
    const boxes = outcome.kind === "labeled" ? this.usable(path, outcome) : [];
    if (outcome.kind === "empty") images.empty++;
    else if (boxes.length === 0) images.withoutBoxes++;
    else images.labeled++;
    this.write(path, annotation, boxes);
    if (boxes.length > 0) this.hash.update(JSON.stringify([path, task.meta.version, sizeOf(annotation), boxes]));
    this.note(annotation);
    this.compare(task, annotation, boxes);
  }

  /** Boxes of the project's labels on an image whose size is known; the others are rejected. */
  private usable(path: string, outcome: ImageOutcome & { kind: "labeled" }): ShareBox[] {
    const { report } = this;
    const reject = (reason: string) => {
      report.rejectedTotal++;
      if (report.rejected.length < namedAtMost)
        report.rejected.push({ path, annotationId: outcome.annotation.id, reason });
    };
    for (const reason of outcome.rejected) reject(reason);
    const hasSize = sizeOf(outcome.annotation) !== undefined;
    return outcome.boxes.flatMap(({ box, clamped, rotated }) => {
      if (!hasSize) reject("the size of its image is not known");
      else if (!this.categories.has(box.label)) reject(`label "${box.label}" is none of the project's`);
      else {
        report.boxes++;
        report.labels[box.label] = (report.labels[box.label] ?? 0) + 1;
        if (clamped) report.clamped++;
        if (rotated) report.rotated++;
        return [box];
      }
      return [];
    });
  }

  private write(path: string, annotation: Annotation, boxes: readonly ShareBox[]): void {
    const size = sizeOf(annotation);
    const id = imageIdOf(path);
    const image = { id, file_name: path, ...(size && { width: size.width, height: size.height }) };
    const { empty, withoutBoxes, labeled } = this.report.images;
    this.images.write(`${empty + withoutBoxes + labeled > 1 ? ",\n" : ""}${JSON.stringify(image)}`);
    for (const [index, box] of boxes.entries()) {
      const number = this.report.boxes - boxes.length + index + 1;
      const { width = 0, height = 0 } = size ?? {};
      const bbox = [
        box.topX * width,
        box.topY * height,
        (box.bottomX - box.topX) * width,
        (box.bottomY - box.topY) * height,
      ];
      const line = {
        ...{ id: number, image_id: id, category_id: this.categories.get(box.label), bbox },
        ...{ area: (bbox[2] ?? 0) * (bbox[3] ?? 0), iscrowd: 0 },
      };
      this.annotations.write(`${number > 1 ? ",\n" : ""}${JSON.stringify(line)}`);
    }
  }

  private note({ completed_by: person, created_at: created, updated_at: updated }: Annotation): void {
    const { report, imagesOf } = this;
    imagesOf.set(person, (imagesOf.get(person) ?? 0) + 1);
    const [from, to] = [new Date(created).toISOString(), new Date(updated).toISOString()];
    const known = report.annotated ?? { from, to };
    report.annotated = { from: from < known.from ? from : known.from, to: to > known.to ? to : known.to };
  }

  private compare({ annotations, predictions }: AnnotatedTask, chosen: Annotation, boxes: readonly ShareBox[]): void {
    const { agreement, preLabels } = this.report;
    const { counts = () => true } = this.counting;
    for (const other of annotations) {
      if (other.id === chosen.id || other.was_cancelled || !counts(other.completed_by)) continue;
      addComparison(agreement, compareBoxes(boxes, boxesOf(other)));
    }
    // What was suggested later, nobody has seen.
    const shown = predictions.filter(({ created_at: at }) => Date.parse(at) < Date.parse(chosen.created_at));
    const last = shown.reduce((best, next) => (best && best.id > next.id ? best : next), shown[0]);
    if (!last) return;
    const changes = compareBoxes(boxesOf(last), boxes);
    addComparison(preLabels, changes);
    for (const [label, more] of changes) addChanges((preLabels.byLabel[label] ??= noChanges()), more);
  }
}

function addComparison(sum: Agreement, changes: ReturnType<typeof compareBoxes>): void {
  sum.images++;
  for (const more of changes.values()) addChanges(sum, more);
}

function boxesOf({ result }: Pick<Annotation, "result">): ShareBox[] {
  return result.map(readRegion).flatMap((judged) => (typeof judged === "string" ? [] : [judged.box]));
}

function sizeOf({ result }: Annotation): { width: number; height: number } | undefined {
  const sized = result.find(({ original_width: width, original_height: height }) => width > 0 && height > 0);
  return sized && { width: sized.original_width, height: sized.original_height };
}

/** Of the path alone, so that an image keeps its part of the split whatever comes to the others; 52 bits. */
function imageIdOf(path: string): number {
  return parseInt(createHash("sha256").update(path).digest("hex").slice(0, 13), 16);
}
