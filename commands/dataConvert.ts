import { convertAnnotations, readClassMap, type ClassChoice, type ConvertReport } from "../lib/coco";
import { UserError } from "../lib/errors";
import { progress, showWarning, type Progress } from "../lib/terminal";
import { parseCommandLine } from "./options";
import { runCommand } from "./runCommand";

const help = `Converts COCO annotations to the MLTable folders that AutoML reads.

  npm run -s data:convert -- --annotations FILE --image-url PREFIX --out DIR [OPTION...]

  --annotations FILE          COCO instances file, of any size
  --image-url PREFIX          put before each file name, as it is; folders of the name are kept, and what an URL cannot carry
                              is percent-encoded
  --out DIR                   gets train/ and, with a validation fraction, validation/ (MLTable and annotations.jsonl each),
                              and report.json. It is replaced as a whole, or left as it was when the annotations are unusable
  --classes-from name         a box's label is its category's name (default)
  --classes-from supercategory
                              the label is the category's supercategory: person, food or animal; boxes of others are dropped
  --class-map FILE.yml        labels by a YAML file, with an entry "LABEL: [CATEGORY, ...]" for each label, or
                              "CATEGORY: LABEL" for each category. A CATEGORY is a category's name, or a supercategory's where
                              no category has it. Boxes of categories that are not named, or have null, are dropped
  --validation-fraction 0.2   share of the images that validates, 0 to below 1; 0 (default) writes train/ only
  --seed 7                    seed of the split, a whole number. An image's part depends on its id and the seed alone, except
                              that a class of 5 images or more borrows an image for a part that has none of it
  --images-dir DIR            the images: their sizes are read where the annotations have none, images without a file are left
                              out, and other sizes than the annotations' are named

report.json counts each image once, in "images" or in "skipped" by its reason (no_boxes, bad_file_name, duplicate_file_name,
no_size, missing_file, unreadable_file), and each annotation once, in "boxes", in "rejectedTotal", or as dropped in "skipped.other_class".`;

const options = {
  annotations: { type: "string" },
  "image-url": { type: "string" },
  out: { type: "string" },
  "classes-from": { type: "string" },
  "class-map": { type: "string" },
  "validation-fraction": { type: "string", default: "0" },
  seed: { type: "string", default: "7" },
  "images-dir": { type: "string" },
  help: { type: "boolean", default: false },
} as const;

async function main(): Promise<void> {
  const { values } = parseCommandLine({ options });
  if (values.help) return console.log(help);
  const bar = stepProgress();
  try {
    const report = await convertAnnotations({
      annotations: required("--annotations", values.annotations),
      imageUrlPrefix: required("--image-url", values["image-url"]),
      out: required("--out", values.out),
      imagesFolder: values["images-dir"],
      validationFraction: fraction(values["validation-fraction"]),
      seed: wholeNumber("--seed", values.seed),
      classes: await classChoice(values["classes-from"], values["class-map"]),
      onProgress: bar.report,
    });
    bar.end();
    console.log(`${values.out}: ${summarize(report)}`);
    if (report.images === 0) showWarning("no image has a box, so the tables are empty; see report.json");
  } finally {
    bar.end();
  }
}

/** A progress of its own for each step of the work. */
function stepProgress() {
  let [shown, current]: [string | undefined, Progress | undefined] = [undefined, undefined];
  return {
    report: (step: "annotations" | "images" | "lines", done: number, total: number) => {
      if (step !== shown) {
        current?.end();
        [shown, current] = [step, progress(stepNames[step])];
      }
      // Annotations are counted in bytes.
      const [one, digits] = step === "annotations" ? [1e6, 1] : [1, 0];
      current?.report(Number((done / one).toFixed(digits)), Number((total / one).toFixed(digits)));
    },
    end: () => current?.end(),
  };
}

const stepNames = {
  annotations: "reading the annotations (MB)",
  images: "reading the images",
  lines: "writing the tables",
};

function required(name: string, value: string | undefined): string {
  if (!value) throw new UserError(`${name} is missing. Give it a value; --help tells what it is.`);
  return value;
}

function fraction(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value >= 0 && value < 1) return value;
  throw new UserError(`--validation-fraction is "${text}"; allowed is 0 to below 1, for example 0.2.`);
}

function wholeNumber(name: string, text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new UserError(`${name} is "${text}"; allowed is a whole number from 0, for example 7.`);
}

async function classChoice(classesFrom: string | undefined, classMap: string | undefined): Promise<ClassChoice> {
  if (classMap !== undefined) {
    if (classesFrom !== undefined)
      throw new UserError("--classes-from and --class-map exclude each other. Give one of them.");
    return { classMap: await readClassMap(classMap) };
  }
  if (classesFrom === undefined || classesFrom === "name") return { classesFrom: "name" };
  if (classesFrom === "supercategory") return { classesFrom };
  throw new UserError(`--classes-from is "${classesFrom}"; allowed are name, supercategory.`);
}

function summarize({ images, boxes, labels, clamped, rejectedTotal, skipped, files }: ConvertReport): string {
  const { other_class: dropped = 0, ...left } = skipped;
  const leftOut = Object.entries(left).filter(([, count]) => count > 0);
  return [
    `${images} images, ${boxes} boxes of ${Object.keys(labels).length} labels`,
    `${clamped} clamped, ${rejectedTotal} rejected, ${dropped} dropped`,
    ...(leftOut.length > 0
      ? [`images left out: ${leftOut.map(([reason, count]) => `${count} ${reason}`).join(", ")}`]
      : []),
    ...(files?.otherSizeTotal ? [`${files.otherSizeTotal} files of another size than annotated`] : []),
  ].join("; ");
}

runCommand(main);
