import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as turnOfOthers } from "node:timers/promises";
import { assess, type BoxesByImage } from "./assess";
import { labelCategories, type ClassChoice, type Labels } from "./classes";
import { findFiles } from "./imageFiles";
import { fileNameFault, formatOf, imageUrl } from "./tables/imageUrl";
import { readInstances, type Instances } from "./instances/read";
import { TextWriter } from "./tables/lines";
import { linesFile, mlTable } from "./tables/mlTable";
import { OutFolder } from "./tables/outFolder";
import { emptyReport, formatReport, type ConvertReport, type SkipReason } from "./report";
import { split, type Part } from "./split";

export interface ConvertSettings {
  /** COCO instances file, of any size. */
  annotations: string;
  /** Put before each file name; folders in the name are kept. */
  imageUrlPrefix: string;
  /** Folder to write; replaced as a whole, or left as it was. */
  out: string;
  classes: ClassChoice;
  /** Share of the images that validates, from 0 to below 1; 0 writes no validation part. */
  validationFraction: number;
  /** Seed of the split. */
  seed: number;
  /** Folder with the images: their sizes are read, and those without a file are left out. */
  imagesFolder?: string;
  /** Called now and then: what is being done, and how much of it, in bytes or images. */
  onProgress?: (step: "annotations" | "images" | "lines", done: number, total: number) => void;
}

/** After this many lines the event loop gets its turn. */
const pauseLines = 1000;

/**
 * Converts COCO annotations to the MLTable folders of AutoML: OUT/train, OUT/validation, OUT/report.json. Boxes come from
 * `bbox`, never from the polygon.
 * @throws UserError for an unusable file or setting; OUT stays as it was then
 */
export async function convertAnnotations(settings: ConvertSettings): Promise<ConvertReport> {
  const { annotations, classes, onProgress } = settings;
  const out = await OutFolder.open(settings.out);
  const instances = await readInstances(annotations, {
    onProgress: (done, all) => onProgress?.("annotations", done, all),
  });
  const labels = labelCategories(instances.categories, classes, annotations);
  const report = emptyReport(settings.imageUrlPrefix);
  const leftOut = await imagesLeftOut(instances, settings, report);
  const boxes = assess(instances, labels, leftOut, report);
  const shown = chooseImages(instances, boxes, leftOut, report);
  const table: Table = { instances, labels, boxes, shown };
  await out.replace((draft) => writeTables(draft, table, settings, report));
  return report;
}

interface Table {
  instances: Instances;
  labels: Labels;
  boxes: BoxesByImage;
  /** Places of the images that have boxes, in the file's order. */
  shown: number[];
}

async function imagesLeftOut(
  { images }: Instances,
  { imagesFolder, onProgress }: ConvertSettings,
  report: ConvertReport,
): Promise<Map<number, SkipReason>> {
  const files = imagesFolder
    ? await findFiles(images, imagesFolder, (done, total) => onProgress?.("images", done, total))
    : undefined;
  if (files) report.files = files.report;
  const leftOut = files?.leftOut ?? new Map<number, SkipReason>();
  const urls = new Set<string>();
  for (const place of images.order) {
    const { fileName, width, height } = images.at(place) ?? {};
    if (fileName === undefined || fileNameFault(fileName)) leftOut.set(place, "bad_file_name");
    // Two lines of one picture could train on it and validate with it.
    else if (urls.size === urls.add(imageUrl("", fileName)).size) leftOut.set(place, "duplicate_file_name");
    else if (!leftOut.has(place) && (width === undefined || height === undefined)) leftOut.set(place, "no_size");
  }
  return leftOut;
}

function chooseImages(
  { images }: Instances,
  boxes: BoxesByImage,
  leftOut: ReadonlyMap<number, SkipReason>,
  report: ConvertReport,
): number[] {
  const shown: number[] = [];
  for (const place of images.order) {
    if (boxes.of(place).length > 0) shown.push(place);
    else {
      const reason = leftOut.get(place) ?? "no_boxes";
      report.skipped[reason] = (report.skipped[reason] ?? 0) + 1;
    }
  }
  report.images = shown.length;
  return shown;
}

async function writeTables(
  draft: string,
  table: Table,
  { validationFraction, seed, imageUrlPrefix, onProgress }: ConvertSettings,
  report: ConvertReport,
): Promise<void> {
  const parts = validationFraction > 0 ? splitTable(table, seed, validationFraction) : undefined;
  let written = 0;
  for (const part of parts ? (["train", "validation"] as const) : (["train"] as const)) {
    await mkdir(join(draft, part));
    await writeFile(join(draft, part, "MLTable"), mlTable);
    const writer = new TextWriter(join(draft, part, linesFile));
    const lines = new LineWriter(writer, table, imageUrlPrefix);
    try {
      for (const [index, place] of table.shown.entries()) {
        if ((parts?.[index] ?? "train") !== part) continue;
        lines.write(place);
        if (++written % pauseLines > 0) continue;
        onProgress?.("lines", written, table.shown.length);
        await turnOfOthers();
      }
    } finally {
      writer.close();
    }
  }
  await writeFile(join(draft, "report.json"), formatReport(report));
}

function splitTable({ instances, labels, boxes, shown }: Table, seed: number, fraction: number): Part[] {
  const { images, categories } = instances;
  const ids = shown.map((place) => images.idAt(place));
  const labelAt = Array.from({ length: categories.placeCount }, (_, place) => labels.get(place) ?? "");
  const classesOf = (index: number) => {
    const names: string[] = [];
    for (const category of boxes.categoriesOf(shown[index])) {
      const name = labelAt[category];
      if (!names.includes(name)) names.push(name);
    }
    return names;
  };
  return split({ ids, classesOf }, seed, fraction);
}

/** Writes the lines of images, with all that recurs in them as bytes. */
class LineWriter {
  private readonly box = new Float64Array(4);
  /** What comes before the first number of a box, by the category's place. */
  private readonly openings = new Map<number, Uint8Array>();

  constructor(
    private readonly text: TextWriter,
    private readonly table: Table,
    private readonly prefix: string,
  ) {}

  write(place: number): void {
    const { text, table } = this;
    text.write(this.head(place));
    let isFirst = true;
    for (const row of table.boxes.of(place)) {
      if (!isFirst) text.writeBytes(comma);
      isFirst = false;
      this.writeBox(row);
    }
    text.writeBytes(lineEnd);
  }

  private head(place: number): string {
    const { fileName = "", width = 0, height = 0 } = this.table.instances.images.at(place) ?? {};
    const url = JSON.stringify(imageUrl(this.prefix, fileName));
    const details = JSON.stringify({ format: formatOf(fileName) || undefined, width, height });
    return `{"image_url":${url},"image_details":${details},"label":[`;
  }

  private writeBox(row: number): void {
    const { text, box } = this;
    const { annotations } = this.table.instances;
    annotations.boxAt(row, box);
    text.writeBytes(this.opening(annotations.categoryAt(row)));
    for (let side = 0; side < 4; side++) {
      if (side > 0) text.writeBytes(sides[side]);
      text.writeNumber(box[side]);
    }
    text.writeBytes(annotations.isCrowdAt(row) ? crowdEnd : boxEnd);
  }

  private opening(category: number): Uint8Array {
    let opening = this.openings.get(category);
    if (!opening) {
      opening = encode(`{"label":${JSON.stringify(this.table.labels.get(category) ?? "")},"topX":`);
      this.openings.set(category, opening);
    }
    return opening;
  }
}

const [comma, lineEnd] = [encode(","), encode("]}\n")];
const [boxEnd, crowdEnd] = [encode(',"isCrowd":0}'), encode(',"isCrowd":1}')];
/** What comes before each number of a box but the first. */
const sides = ["", ',"topY":', ',"bottomX":', ',"bottomY":'].map(encode);

/** All of one kind, since loops over arrays of several kinds are slow. */
function encode(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text));
}
