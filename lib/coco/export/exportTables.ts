import { mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { UserError } from "../../errors";
import { fileNameOf } from "../tables/imageUrl";
import { TextWriter, type LabeledBox } from "../tables/lines";
import { linesFile } from "../tables/mlTable";
import { toPixelBox } from "./pixelBox";
import { readLines, type ImageLine } from "./readLines";

export interface ExportSettings {
  /** Files annotations.jsonl, or folders: one with such a file, or what the conversion wrote, of which all parts are taken. */
  data: readonly string[];
  /** COCO instances file to write. */
  out: string;
  /**
   * What the conversion put before the file names. By default it is what its report.json says, and where there is none, the
   * folder that all URLs have in common.
   */
  imageUrlPrefix?: string;
}

export interface ExportReport {
  images: number;
  boxes: number;
  categories: number;
}

/**
 * Writes the JSONL of AutoML as COCO. Images, boxes and categories are numbered from 1 as they come. Only one line at a time,
 * and what names the images, is in memory.
 * @throws UserError when the data cannot be read, or has an image twice; `out` stays as it was then
 */
export async function exportTables({ data, out, imageUrlPrefix }: ExportSettings): Promise<ExportReport> {
  const files = (await Promise.all(data.map(linesFilesOf))).flat();
  const parts = await Promise.all(files.map(async (file) => ({ file, prefix: await reportedPrefix(file) })));
  const target = resolve(out);
  const draft = join(dirname(target), `.${basename(target)}.draft-${process.pid}`);
  try {
    await mkdir(dirname(target), { recursive: true });
    await rm(draft, { force: true });
    const report = await write(draft, parts, imageUrlPrefix);
    await rename(draft, target);
    return report;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UserError(`"${out}" cannot be written: ${code}. Give the path of a file.`);
  } finally {
    await rm(draft, { force: true });
  }
}

async function linesFilesOf(path: string): Promise<string[]> {
  const isThere = async (file: string) => (await stat(file).catch(() => undefined)) !== undefined;
  if (!(await stat(path).catch(() => undefined))?.isDirectory()) return [path];
  if (await isThere(join(path, linesFile))) return [join(path, linesFile)];
  const parts: string[] = [];
  for (const part of ["train", "validation"]) {
    const file = join(path, part, linesFile);
    if (await isThere(file)) parts.push(file);
  }
  if (parts.length > 0) return parts;
  throw new UserError(`"${path}" has no ${linesFile}, nor has train/ in it. Give the folder that data:convert wrote.`);
}

/** What the report of the conversion that wrote a file says of its URLs; undefined without one. */
async function reportedPrefix(file: string): Promise<string | undefined> {
  const text = await readFile(join(dirname(dirname(resolve(file))), "report.json"), "utf8").catch(() => "");
  try {
    const { imageUrlPrefix } = JSON.parse(text) as { imageUrlPrefix?: unknown };
    return typeof imageUrlPrefix === "string" ? imageUrlPrefix : undefined;
  } catch {
    return undefined;
  }
}

interface Part {
  /** An annotations.jsonl. */
  file: string;
  /** What its URLs begin with, unless they were written over since. */
  prefix?: string;
}

interface Image {
  width: number;
  height: number;
  /** What the URL begins with, if that is known. */
  prefix?: string;
}

async function write(draft: string, parts: readonly Part[], given: string | undefined): Promise<ExportReport> {
  const images = new Map<string, Image>();
  const categories = new Map<string, number>();
  let boxes = 0;
  const writer = new TextWriter(draft);
  try {
    writer.write('{"annotations":[');
    for (const { file, prefix } of parts) {
      for await (const { url, width, height, boxes: own } of readLines(file)) {
        if (images.has(url))
          throw new UserError(`"${file}" has the image ${url} a second time. Keep one of the two lines.`);
        images.set(url, {
          width,
          height,
          prefix: given ?? (prefix !== undefined && url.startsWith(prefix) ? prefix : undefined),
        });
        for (const box of own) {
          const category = categories.get(box.label) ?? categories.size + 1;
          categories.set(box.label, category);
          writer.write(`${boxes++ ? ",\n" : "\n"}${annotation(boxes, images.size, category, box, { width, height })}`);
        }
      }
    }
    writeImages(writer, images);
    const named = [...categories].map(([name, id]) => ({ id, name, supercategory: name }));
    writer.write(`\n],"categories":${JSON.stringify(named)}}\n`);
  } finally {
    writer.close();
  }
  return { images: images.size, boxes, categories: categories.size };
}

function annotation(
  id: number,
  imageId: number,
  categoryId: number,
  box: LabeledBox,
  { width, height }: Pick<ImageLine, "width" | "height">,
): string {
  const bbox = toPixelBox(box, width, height);
  return JSON.stringify({
    id,
    image_id: imageId,
    category_id: categoryId,
    bbox,
    area: bbox[2] * bbox[3],
    iscrowd: box.isCrowd,
    segmentation: [],
  });
}

function writeImages(writer: TextWriter, images: ReadonlyMap<string, Image>): void {
  const common = commonFolder([...images].flatMap(([url, { prefix }]) => (prefix === undefined ? [url] : [])));
  writer.write('\n],"images":[');
  let id = 0;
  for (const [url, { width, height, prefix = common }] of images) {
    if (!url.startsWith(prefix))
      throw new UserError(
        `The image ${url} does not begin with the prefix "${prefix}". Give the one it was converted with as --image-url.`,
      );
    const image = { id: ++id, file_name: fileNameOf(url.slice(prefix.length)), width, height };
    writer.write(`${id > 1 ? ",\n" : "\n"}${JSON.stringify(image)}`);
  }
}

/** The longest beginning that all URLs share, as far as its last slash. */
function commonFolder(urls: readonly string[]): string {
  let common = urls.at(0) ?? "";
  for (const url of urls) while (!url.startsWith(common)) common = common.slice(0, -1);
  return common.slice(0, common.lastIndexOf("/") + 1);
}
