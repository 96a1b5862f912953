import { exportTables } from "../lib/coco";
import { UserError } from "../lib/errors";
import { parseCommandLine } from "./options";
import { runCommand } from "./runCommand";

const help = `Writes the tables of data:convert, or JSONL of AutoML from elsewhere, as one COCO instances file.

  npm run -s data:export -- --data DIR|annotations.jsonl... --out instances.json [--image-url PREFIX]

  --data             folders that data:convert wrote (all their parts), folders with an annotations.jsonl, or such files
  --out FILE         COCO instances file to write; it appears complete or not at all
  --image-url PREFIX what the URLs begin with and the file names do not; by default what the report.json of data:convert says,
                     and without one the folder that all URLs have in common

Images, annotations and categories get ids from 1, in the order of the lines. Boxes come out so that converting them again
gives exactly the same lines; for boxes that lay inside their image that is what they were.`;

const options = {
  data: { type: "string", multiple: true },
  out: { type: "string" },
  "image-url": { type: "string" },
  help: { type: "boolean", default: false },
} as const;

async function main(): Promise<void> {
  const { values, positionals } = parseCommandLine({ options, allowPositionals: true });
  if (values.help) return console.log(help);
  // "--data A B" gives the first to the option, and the others come by themselves.
  const data = [...(values.data ?? []), ...positionals];
  if (data.length === 0) throw new UserError("--data is missing. Give the folder that data:convert wrote; see --help.");
  const { out } = values;
  if (!out) throw new UserError("--out is missing. Give the path of the COCO file to write; see --help.");
  const { images, boxes, categories } = await exportTables({ data, out, imageUrlPrefix: values["image-url"] });
  console.log(`${out}: ${images} images, ${boxes} boxes, ${categories} categories`);
}

runCommand(main);
