import { parseArgs } from "node:util";
import { convertAnnotations } from "../lib/coco";
import { UserError } from "../lib/errors";

const help = `Converts COCO annotations to the MLTable folders that AutoML reads.

  npm run -s data:convert -- --annotations FILE --image-url PREFIX --out DIR
    [--classes-from name|supercategory] [--validation-fraction 0.2] [--seed 7]

Writes DIR/train and, with a validation fraction above 0, DIR/validation (MLTable and annotations.jsonl each), and
DIR/report.json. DIR is replaced as a whole, or left as it was when the annotations are unusable.`;

const options = {
  annotations: { type: "string" },
  "image-url": { type: "string" },
  out: { type: "string" },
  "classes-from": { type: "string", default: "name" },
  "validation-fraction": { type: "string", default: "0" },
  seed: { type: "string", default: "7" },
  help: { type: "boolean", default: false },
} as const;

async function main(): Promise<void> {
  const { values } = parse();
  if (values.help) return console.log(help);
  const required = (name: "annotations" | "image-url" | "out") => {
    const value = values[name];
    if (!value) throw new UserError(`--${name} is missing.\n\n${help}`);
    return value;
  };
  const classesFrom = values["classes-from"];
  if (classesFrom !== "name" && classesFrom !== "supercategory")
    throw new UserError(`--classes-from is "${classesFrom}"; allowed are name, supercategory.`);
  const validationFraction = Number(values["validation-fraction"]);
  if (!(validationFraction >= 0 && validationFraction < 1))
    throw new UserError(`--validation-fraction is "${values["validation-fraction"]}"; allowed is 0 to below 1.`);
  const seed = Number(values.seed);
  if (!Number.isInteger(seed) || seed < 0)
    throw new UserError(`--seed is "${values.seed}"; allowed is a whole number from 0.`);
  const out = required("out");
  const report = await convertAnnotations({
    annotations: required("annotations"),
    imageUrlPrefix: required("image-url"),
    out,
    classesFrom,
    validationFraction,
    seed,
  });
  const skipped = Object.entries(report.skipped).map(([reason, count]) => `${count} ${reason}`);
  console.log(
    `${out}: ${report.images} images, ${report.boxes} boxes, ${report.clamped} clamped, ${report.rejectedTotal} rejected` +
      (skipped.length > 0 ? `; images left out: ${skipped.join(", ")}` : ""),
  );
}

function parse() {
  try {
    return parseArgs({ options });
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof UserError ? error.message : error);
  process.exitCode = 1;
});
