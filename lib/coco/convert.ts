import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { readInstances, type CocoImage, type CocoInstances } from "./annotations";
import { toRelativeBox, type RelativeBox } from "./boxes";
import { split, type Part } from "./split";

export interface ConvertSettings {
  /** COCO instances file. */
  annotations: string;
  /** Put before each file name; folders in the name are kept. */
  imageUrlPrefix: string;
  /** Folder to write; replaced as a whole, or left as it was. */
  out: string;
  /** A box's label: its category's name, or the supercategory. */
  classesFrom: "name" | "supercategory";
  /** Share of the images that validates; 0 writes no validation part. */
  validationFraction: number;
  /** Seed of the split. */
  seed: number;
}

export interface ConvertReport {
  /** Images with at least one box. */
  images: number;
  boxes: number;
  /** Boxes of each label. */
  labels: Record<string, number>;
  /** Images that were left out, by reason. */
  skipped: Record<string, number>;
  /** Boxes that reached over the image's border and were cut. */
  clamped: number;
  /** The first 1000 boxes that are none, with why. */
  rejected: { annotationId: number; imageId: number; reason: string }[];
  rejectedTotal: number;
}

interface LabeledBox extends RelativeBox {
  label: string;
  isCrowd: 0 | 1;
}

/** One line of the JSONL that AutoML reads. */
interface Line {
  image_url: string;
  image_details: { format: string; width: number; height: number };
  label: LabeledBox[];
}

const rejectedShown = 1000;

/** What AutoML's MLTable reader wants beside the JSONL. */
const mlTable = `paths:
  - file: ./annotations.jsonl
transformations:
  - read_json_lines:
      encoding: utf8
      invalid_lines: error
      include_path_column: false
  - convert_column_types:
      - columns: image_url
        column_type: stream_info
`;

/**
 * Converts COCO annotations to the MLTable folders of AutoML: OUT/train, OUT/validation, OUT/report.json. Boxes come from
 * `bbox`, never from the polygon.
 * @throws UserError for an unusable file; OUT stays as it was then.
 */
export async function convertAnnotations(settings: ConvertSettings): Promise<ConvertReport> {
  const content = await readInstances(settings.annotations);
  const { boxes, report } = collectBoxes(content, settings.classesFrom);
  const labeled = content.images.filter(({ id }) => boxes.has(id));
  const parts = split(
    labeled.map(({ id }) => ({ id, labels: new Set(boxes.get(id)?.map(({ label }) => label)) })),
    settings.seed,
    settings.validationFraction,
  );
  const lines: Record<Part, string[]> = { train: [], validation: [] };
  for (const image of labeled) {
    lines[parts.get(image.id) ?? "train"].push(
      `${JSON.stringify(lineOf(image, boxes.get(image.id) ?? [], settings.imageUrlPrefix))}\n`,
    );
  }
  await writeOut(settings, lines, report);
  return report;
}

/** Equal for equal tables; short SHA-256, 16 hex digits. */
export function contentVersion(...content: readonly string[]): string {
  return createHash("sha256").update(content.join("\0")).digest("hex").slice(0, 16);
}

function collectBoxes({ images, annotations, categories }: CocoInstances, classesFrom: ConvertSettings["classesFrom"]) {
  const imageOf = new Map(images.map((image) => [image.id, image]));
  const labelOf = new Map(
    categories.map((category) => [category.id, classesFrom === "name" ? category.name : category.supercategory]),
  );
  const report: ConvertReport = {
    images: 0,
    boxes: 0,
    labels: {},
    skipped: {},
    clamped: 0,
    rejected: [],
    rejectedTotal: 0,
  };
  const boxes = new Map<number, LabeledBox[]>();
  for (const { id, image_id: imageId, category_id: categoryId, bbox, iscrowd } of annotations) {
    const image = imageOf.get(imageId);
    const label = labelOf.get(categoryId);
    const outcome = image
      ? label
        ? toRelativeBox(bbox, image.width, image.height)
        : { rejected: "unknown category" }
      : { rejected: "unknown image" };
    if ("rejected" in outcome || !label) {
      report.rejectedTotal++;
      if (report.rejected.length < rejectedShown)
        report.rejected.push({
          annotationId: id,
          imageId,
          reason: "rejected" in outcome ? outcome.rejected : "unknown category",
        });
      continue;
    }
    report.boxes++;
    report.clamped += outcome.clamped ? 1 : 0;
    report.labels[label] = (report.labels[label] ?? 0) + 1;
    const own = boxes.get(imageId);
    const box = { label, ...outcome.box, isCrowd: iscrowd };
    if (own) own.push(box);
    else boxes.set(imageId, [box]);
  }
  report.images = boxes.size;
  const withoutBoxes = images.length - boxes.size;
  if (withoutBoxes > 0) report.skipped.no_boxes = withoutBoxes;
  return { boxes, report };
}

function lineOf(image: CocoImage, label: LabeledBox[], prefix: string): Line {
  const path = image.file_name.split("/").map(encodeURIComponent).join("/");
  const format = extname(image.file_name).slice(1).toLowerCase();
  return { image_url: prefix + path, image_details: { format, width: image.width, height: image.height }, label };
}

async function writeOut(
  { out, validationFraction }: ConvertSettings,
  lines: Record<Part, string[]>,
  report: ConvertReport,
): Promise<void> {
  await mkdir(dirname(out), { recursive: true });
  const draft = await mkdtemp(join(dirname(out), `.${basename(out)}-`));
  try {
    for (const part of validationFraction > 0 ? (["train", "validation"] as const) : (["train"] as const)) {
      await mkdir(join(draft, part));
      await writeFile(join(draft, part, "MLTable"), mlTable);
      await writeFile(join(draft, part, "annotations.jsonl"), lines[part].join(""));
    }
    await writeFile(join(draft, "report.json"), `${JSON.stringify(report, null, 2)}\n`);
    await rm(out, { recursive: true, force: true });
    await rename(draft, out);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
