import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { ArmClient } from "../lib/azure/arm";
import { workspaceIdOf } from "../lib/azure/workspaceId";
import { UserError } from "../lib/errors";
import { compareRuns, usualPictures } from "../lib/report/comparison";
import { parseCommandLine, wholeNumber } from "./options";
import { runCommand } from "./runCommand";

const help = `Compares training runs as one HTML page: curves, parameters, labels, cost, the gate's decisions, lineage, and held-out
pictures with the boxes of the champion and of the best other run.

  npm run -s compare -- RUN RUN... [--experiment NAME] [--out report.html]

RUN is a run's id or name, "champion" (the run that trained the champion) or "latest" (the last job). A job stands for its
trials.

--out FILE             where the page goes (default report.html); it needs no network and no other file
--experiment NAME      looks for names, and for "latest", in this experiment alone
--model NAME           the model whose champion is meant, where several have one
--pictures N           held-out pictures that are shown at most (default ${usualPictures}); 0 reads none
--price-per-hour USD   price of a node and hour, in place of the list price of the cluster's size

AZURE_SUBSCRIPTION_ID, AZURE_RESOURCE_GROUP and AZURE_ML_WORKSPACE name the workspace; for the local cloud:
eval "$(npm run -s local:env)". Boxes come from outputs/predictions.txt of a run, which AutoML writes with output_scoring, else
from the deployment that serves its model, which is asked about 40 pictures. What is not to be had is said in the page's notes.`;

const options = {
  out: { type: "string", default: "report.html" },
  experiment: { type: "string" },
  model: { type: "string" },
  pictures: { type: "string", default: String(usualPictures) },
  "price-per-hour": { type: "string" },
  help: { type: "boolean", default: false },
} as const;

async function main(): Promise<void> {
  const { values, positionals: words } = parseCommandLine({ options, allowPositionals: true });
  if (values.help) return console.log(help);
  if (words.length === 0) throw new UserError(`Name the runs to compare.\n\n${help}`);
  const pictures = wholeNumber("--pictures", values.pictures, { least: 0, most: 500 });
  const pricePerHour = priceOf(values["price-per-hour"]);
  const workspaceId = workspaceIdOf("of the runs");
  const { experiment, model, out } = values;
  const arm = await ArmClient.connect();
  const { html, runs, notes } = await compareRuns(
    { arm, workspaceId, words, experiment, model, pricePerHour },
    pictures,
  );
  await writeFile(out, html).catch((error: Error) => {
    throw new UserError(
      `--out is "${out}", which cannot be written: ${error.message}. Name a file in a folder that is there.`,
    );
  });
  for (const note of notes) console.error(`note: ${note}`);
  console.log(`${resolve(out)} (${runs.length} runs, ${(Buffer.byteLength(html) / 1e6).toFixed(2)} MB)`);
}

function priceOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const price = Number(text);
  if (text.trim() === "" || !Number.isFinite(price) || price < 0)
    throw new UserError(`--price-per-hour is "${text}"; allowed is a price in USD, 0 or more, such as 3.673.`);
  return price;
}

runCommand(main);
