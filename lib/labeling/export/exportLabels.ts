import type { ContainerClient } from "@azure/storage-blob";
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { apiVersions, type ArmClient } from "../../azure/arm";
import { ensureAssetVersion, type AssetBody } from "../../azure/assetVersions";
import { BlobLock } from "../../azure/blobLock";
import { formatDatastorePath, parseDatastorePath } from "../../azure/datastores";
import { uploadFolder } from "../../azure/upload";
import { convertAnnotations } from "../../coco";
import { converterVersion } from "../../coco/converterVersion";
import { linesFile, mlTable } from "../../coco/tables/mlTable";
import { messageOf, UserError } from "../../errors";
import type { LabelStudioClient } from "../client";
import { folderOf } from "../mark";
import { countingOf } from "../people";
import { readProgress } from "../progress";
import { exportedName, hashOf, readLastExport, writeLastExport, type ExportRules, type LastExport } from "./lastExport";
import { describeExport, exportTags, type ExportReport } from "./report";
import { writeSnapshot, type Snapshot } from "./snapshot";

export interface ExportSettings extends ExportRules {
  arm: ArmClient;
  client: LabelStudioClient;
  projectId: number;
  /** Title of the project; see {@link exportedName}. */
  title: string;
  mark: string;
  workspaceId: string;
  /** ARM id of the data asset with the images. */
  dataId: string;
  /** Of the images, and of what is exported. */
  container: ContainerClient;
  print: (line: string) => void;
}

export interface Exported {
  last: LastExport;
  report: ExportReport;
  /** Folder of the container with the COCO file and the report. */
  folder: string;
}

const lockWaitMs = 10 * 60_000;

/**
 * Exports what people have made as versions of data assets, named by their content: the same work makes the same version, by
 * whomever and however often it is exported.
 * @throws UserError while nobody has drawn a box
 */
export async function exportLabels(settings: ExportSettings): Promise<Exported> {
  const { container, title, mark, print } = settings;
  const lock = { what: `The export of labeling project ${title}`, waitMs: lockWaitMs, onWait: print };
  return BlobLock.holding(container, `${folderOf(mark)}/export.lock`, lock, async (held) => {
    const temporary = await mkdtemp(join(tmpdir(), "labels-"));
    try {
      return await exportTo(temporary, settings, () => held.assertHeld());
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  });
}

async function exportTo(temporary: string, settings: ExportSettings, assertHeld: () => void): Promise<Exported> {
  const { client, projectId, mark, workspaceId, container, print } = settings;
  const imagesUri = await imagesUriOf(settings);
  // Before the annotations are read: what is done meanwhile counts for the next export.
  const { labeled: done } = await readProgress(client, projectId);
  const documents = join(temporary, "documents");
  await mkdir(documents);
  const file = join(documents, "instances.json");
  const counting = await countingOf(client, settings);
  const snapshot = await writeSnapshot({
    ...settings,
    counting,
    file,
    onProgress: (count) => print(`Labels: ${count} read`),
  });
  const { report } = snapshot;
  if (report.images.labeled === 0)
    throw new UserError(
      `Nobody has drawn a box in the labeling project ${settings.title} yet (${describeExport(report).join("; ")}), so there is nothing to export.`,
    );
  const version = versionOf(snapshot, settings);
  const time = new Date().toISOString();
  const before = await readLastExport(container, mark, workspaceId);
  const tables = join(temporary, "tables");
  await writeTables(file, tables, imagesUri, settings);
  await writeFile(join(documents, "report.json"), `${JSON.stringify(report, null, 2)}\n`);
  assertHeld();
  const folder = `${folderOf(mark)}/exports/${version}`;
  const send = (from: string, prefix: string) =>
    uploadFolder({ container, folder: from, property: "labels", prefix: `${prefix}/` });
  await send(tables, `labels/${version}`);
  await send(documents, folder);
  const assets = await register(settings, imagesUri, version, exportTags(report, settings.title, time));
  assertHeld();
  const { boxes, labels, images } = report;
  const last: LastExport = {
    ...{ asset: assets.all.name, version, at: before?.version === version ? before.at : time },
    ...{ images: images.labeled, boxes, labels, done, rules: hashOf(settings), ...assets },
  };
  await writeLastExport(container, mark, last);
  for (const line of describeExport(report)) print(`Labels ${version}: ${line}`);
  return { last, report, folder };
}

async function imagesUriOf({ arm, dataId }: ExportSettings): Promise<string> {
  const asset = await arm.get<{ dataUri?: string }>(dataId, apiVersions.machineLearning);
  const uri = asset?.properties.dataUri;
  if (uri && parseDatastorePath(uri)) return uri.replace(/\/?$/, "/");
  throw new UserError(`Data asset ${dataId} is not there. Run "pulumi refresh", then "pulumi up".`);
}

function versionOf({ hash }: Snapshot, { validationFraction, splitSeed }: ExportRules): string {
  const content = JSON.stringify([hash, validationFraction, splitSeed, converterVersion]);
  return createHash("sha256").update(content).digest("hex").slice(0, 16);
}

/** The two parts that train and validate, and all of it once more for whoever wants that. */
async function writeTables(
  annotations: string,
  out: string,
  imageUrlPrefix: string,
  rules: ExportRules,
): Promise<void> {
  const { validationFraction, splitSeed: seed } = rules;
  const converted = `${out}-converted`;
  const classes = { classesFrom: "name" } as const;
  await convertAnnotations({ annotations, imageUrlPrefix, out: converted, classes, validationFraction, seed });
  const parts = ["train", "validation"].map((part) => join(converted, part, linesFile));
  await mkdir(join(out, "all"), { recursive: true });
  await writeFile(join(out, "all", "MLTable"), mlTable);
  async function* whole() {
    for (const part of parts) yield* createReadStream(part);
  }
  await pipeline(Readable.from(whole()), createWriteStream(join(out, "all", linesFile)));
  for (const part of ["train", "validation"]) await rename(join(converted, part), join(out, part));
}

async function register(
  { arm, workspaceId, title }: ExportSettings,
  imagesUri: string,
  version: string,
  tags: Record<string, string>,
): Promise<Pick<LastExport, "all" | "training" | "validation">> {
  const datastore = parseDatastorePath(imagesUri)?.datastore ?? "";
  const put = async (part: Parameters<typeof exportedName>[1], folder: string, description: string) => {
    const name = exportedName(title, part);
    const id = `${workspaceId}/data/${name}/versions/${version}`;
    const dataUri = formatDatastorePath({ workspaceId, datastore, path: `labels/${version}/${folder}/` });
    const properties = { dataType: "mltable", dataUri, description, tags } as const;
    await keepOrRegister(arm, { assetId: id, kind: "data", properties }).catch((error: unknown) => {
      throw new UserError(
        `Version ${version} of data asset ${name} could not be registered: ${messageOf(error)}. Nothing is lost: mend that (a right, the ` +
          "network), and run this again; it goes on from here.",
      );
    });
    return { name, version, id };
  };
  return {
    all: await put("all", "all", "What people have labeled"),
    training: await put("training", "train", "What people have labeled, training split"),
    validation: await put("validation", "validation", "What people have labeled, validation split"),
  };
}

/** A version that is there keeps its tags: they tell when it was exported first. */
async function keepOrRegister(arm: ArmClient, body: AssetBody): Promise<void> {
  const found = await arm.get<{ tags?: Record<string, string> }>(body.assetId, apiVersions.machineLearning);
  const tags = found?.properties.tags ?? body.properties.tags;
  await ensureAssetVersion(arm, { ...body, properties: { ...body.properties, tags } });
}
