import { stat, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { ArmClient } from "../lib/azure/arm";
import { workspaceIdOf } from "../lib/azure/workspaceId";
import { UserError } from "../lib/errors";
import { assetSource, folderSource, showData } from "../lib/report/gallery";
import { parseCommandLine, wholeNumber } from "./options";
import { runCommand } from "./runCommand";

const usualMost = 200;

const help = `Shows a data set as one HTML page: pictures with boxes, filters by label, class balance, sizes and shapes of boxes, images of
each part, and what the converter left out and why.

  npm run -s data:show -- DIR [--images DIR] [--out gallery.html]
  npm run -s data:show -- ASSET... [--out gallery.html]

DIR is a folder as data:convert writes it; ASSET a data asset of type mltable, NAME:VERSION or NAME for its latest version.

--images DIR           folder of the pictures of DIR; without it the page has figures and no pictures
--out FILE             where the page goes (default gallery.html); it needs no network and no other file
--most N               pictures that are shown at most (default ${usualMost}); of more a sample is shown, and the page says so
--label-column NAME    column of the boxes (default label)

For an asset AZURE_SUBSCRIPTION_ID, AZURE_RESOURCE_GROUP and AZURE_ML_WORKSPACE name the workspace; for the local cloud:
eval "$(npm run -s local:env)". Memory does not grow with the number of images.`;

const options = {
  images: { type: "string" },
  out: { type: "string", default: "gallery.html" },
  most: { type: "string", default: String(usualMost) },
  "label-column": { type: "string", default: "label" },
  help: { type: "boolean", default: false },
} as const;

async function main(): Promise<void> {
  const { values, positionals } = parseCommandLine({ options, allowPositionals: true });
  if (values.help) return console.log(help);
  const [first, ...others] = positionals;
  if (first === undefined) throw new UserError(`Name a folder or a data asset.\n\n${help}`);
  const isFolder = (await stat(first).catch(() => undefined))?.isDirectory();
  const wanted = wholeNumber("--most", values.most, { least: 0, most: 2000 });
  const most = isFolder && values.images === undefined ? 0 : wanted;
  if (isFolder && others.length > 0) throw new UserError(`"${others[0]}": only one folder can be shown at a time.`);
  const source = isFolder
    ? await folderSource(first, values.images)
    : await assetSource(await ArmClient.connect(), workspaceIdOf("of the data asset"), positionals);
  const { html, images, shown, unreadable } = await showData(source, values["label-column"], most);
  if (images === 0)
    throw new UserError(
      `${source.title} has no line with image_url and a list in the column "${values["label-column"]}" (${unreadable} lines of another form). --label-column names another column.`,
    );
  await writeFile(values.out, html).catch((error: Error) => {
    throw new UserError(
      `--out is "${values.out}", which cannot be written: ${error.message}. Name a file in a folder that is there.`,
    );
  });
  console.log(
    `${resolve(values.out)} (${shown} of ${images} images, ${(Buffer.byteLength(html) / 1e6).toFixed(2)} MB)`,
  );
}

runCommand(main);
