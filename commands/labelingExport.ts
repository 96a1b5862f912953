import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../lib/errors";
import { exportLabels } from "../lib/labeling/export/exportLabels";
import { openStackProject } from "./labeling/stackProject";
import { parseCommandLine } from "./options";
import { inCloudOf } from "./pulumi";
import { runCommand } from "./runCommand";

const help = `Exports what people have labeled in a stack's labeling project as versions of data assets, named by their content.

  npm run labeling:export -- --stack S [--out DIR]

--stack S   the stack; "local" is the one of the local cloud
--out DIR   also writes DIR/instances.json (COCO) and DIR/report.json: who, when, what is no box and why, and how far people and
            the model agree

With training.data "labeling" the next up trains on it. The same work is the same version, however often it is exported.
LABEL_STUDIO_API_KEY is the token of an administrator of Label Studio; for the stack "local" it is known.`;

const options = {
  stack: { type: "string" },
  out: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

async function main(): Promise<void> {
  const { stack, out, help: wantsHelp } = parseCommandLine({ options }).values;
  if (wantsHelp) return console.log(help);
  if (!stack) throw new UserError(`--stack is not given; name the stack.\n\n${help}`);
  await inCloudOf(stack, async () => {
    const { export: rules, place, ...project } = await openStackProject(stack);
    const { container } = place;
    const { last, folder } = await exportLabels({ ...rules, ...project, container, print: console.log });
    console.log(
      `Exported: ${last.asset} version ${last.version}; its COCO file and report are in ${container.url}/${folder}/`,
    );
    if (!out) return;
    await mkdir(out, { recursive: true });
    for (const name of ["instances.json", "report.json"])
      await container.getBlobClient(`${folder}/${name}`).downloadToFile(join(out, name));
  });
}

runCommand(main);
