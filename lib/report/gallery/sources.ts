import { createReadStream } from "node:fs";
import { readFile, readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { apiVersions, type ArmClient } from "../../azure/arm";
import { findDataVersion } from "../../azure/dataAssets";
import { openDatastore } from "../../azure/datastores";
import { PictureFiles } from "../../azure/pictureFiles";
import { filledLines, tableLines } from "../../azure/tableFiles";
import type { ConvertReport } from "../../coco/report";
import { decodedPath } from "../../decodedPath";
import { UserError } from "../../errors";

/** A data set to look at: its lines by part, and its picture files. */
export interface DataSource {
  title: string;
  lines(): AsyncGenerator<{ part: string; line: string }>;
  /** @throws Error when the picture is not there */
  picture(url: string): Promise<Buffer>;
  /** What the converter made of the annotations, where it left a report. */
  report?: ConvertReport;
}

/**
 * A folder as `data:convert` writes it (a folder with an MLTable, or with such folders in it, and report.json).
 * @param images folder of the pictures; their URLs lead to it by the file's name, or by the end of the path
 * @throws UserError when there is no table
 */
export async function folderSource(folder: string, images: string | undefined): Promise<DataSource> {
  const parts = await tableFolders(folder);
  if (parts.length === 0)
    throw new UserError(
      `${folder} has no MLTable folder: neither its own nor in a folder below it is a file *.jsonl. Make one by "npm run -s data:convert".`,
    );
  return {
    title: folder,
    async *lines() {
      for (const part of parts)
        for (const file of part.files)
          for await (const line of filledLines(createReadStream(file))) yield { part: part.name, line };
    },
    picture: (url) => localPicture(url, images),
    report: await readReport(join(folder, "report.json")),
  };
}

async function tableFolders(folder: string): Promise<{ name: string; files: string[] }[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(`${folder} cannot be read (${error.code}). Name a folder, or a data asset as NAME:VERSION.`);
  });
  const tablesIn = async (place: string) =>
    (await readdir(place))
      .filter((name) => name.endsWith(".jsonl"))
      .sort()
      .map((name) => join(place, name));
  const own = { name: basename(folder), files: await tablesIn(folder) };
  const below = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory())
      .map(async ({ name }) => ({ name, files: await tablesIn(join(folder, name)) })),
  );
  return [own, ...below].filter(({ files }) => files.length > 0).sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function readReport(file: string): Promise<ConvertReport | undefined> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as ConvertReport);
}

/** The longest end of the URL's path that is a file in the folder. */
async function localPicture(url: string, images: string | undefined): Promise<Buffer> {
  if (images === undefined) throw new Error("no folder of images is given (--images DIR)");
  const steps = decodedPath(url.replace(/[?#].*$/, "").replaceAll("\\", "/"))
    .split("/")
    .filter((step) => step !== "" && step !== "." && step !== "..");
  for (let from = Math.max(0, steps.length - 4); from < steps.length; from++) {
    const file = join(images, ...steps.slice(from));
    if ((await stat(file).catch(() => undefined))?.isFile()) return readFile(file);
  }
  throw new Error(`${steps.at(-1) ?? url} is not in ${images}`);
}

/**
 * Versions of MLTable assets of a workspace.
 * @param names NAME:VERSION, or NAME for its latest version
 * @throws UserError when one is not there, or is no folder of a datastore
 */
export async function assetSource(arm: ArmClient, workspaceId: string, names: readonly string[]): Promise<DataSource> {
  const files = new PictureFiles(arm);
  const assets = await Promise.all(names.map((name) => findAsset(arm, workspaceId, name)));
  // The title has the versions; beside each figure they would be in the way.
  const isOnce = (name: string) => assets.filter((asset) => asset.name === name).length === 1;
  return {
    title: assets.map(({ name, version }) => `${name}:${version}`).join(", "),
    async *lines() {
      for (const { name, version, place } of assets) {
        const part = isOnce(name) ? name : `${name}:${version}`;
        const container = await openDatastore(arm, workspaceId, place.datastore);
        for await (const line of tableLines(container, place.path)) yield { part, line };
      }
    },
    picture: (url) => files.read(url),
  };
}

async function findAsset(arm: ArmClient, workspaceId: string, asset: string) {
  const [, name = "", given] = /^(?:azureml:)?([^:@/]+)(?:[:@](.+))?$/.exec(asset) ?? [];
  const container = name
    ? await arm.get<{ latestVersion?: string }>(`${workspaceId}/data/${name}`, apiVersions.machineLearning)
    : undefined;
  const version = given === undefined || given === "latest" ? container?.properties.latestVersion : given;
  const id = `${workspaceId}/data/${name}/versions/${version ?? ""}`;
  const place = version && container ? (await findDataVersion(arm, id))?.place : undefined;
  if (!version || !place)
    throw new UserError(
      `"${asset}" is neither a folder here nor an MLTable data asset of the workspace. Name a folder, or an asset as NAME:VERSION, such as one of the output platform.data.`,
    );
  return { name, version, place };
}
