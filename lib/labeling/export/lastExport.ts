import type { ContainerClient } from "@azure/storage-blob";
import { createHash } from "node:crypto";
import { readJsonBlob, writeJsonBlob } from "../../azure/jsonBlob";
import type { People } from "../people";
import { folderOf } from "../mark";

/** A data asset of an export. */
export interface ExportedAsset {
  name: string;
  version: string;
  /** ARM id of the version. */
  id: string;
}

/** What was exported last. */
export interface LastExport {
  /** Name of the data asset with all that is labeled. */
  asset: string;
  version: string;
  /** ISO 8601. */
  at: string;
  /** Images with boxes. */
  images: number;
  boxes: number;
  /** Boxes of each label. */
  labels: Record<string, number>;
  /** Images that somebody had done then, whatever became of them in the export. */
  done: number;
  /** Hash of {@link ExportRules}. */
  rules: string;
  all: ExportedAsset;
  training: ExportedAsset;
  validation: ExportedAsset;
}

/** Name of the data asset with all of a project's labels, or with one part of them. */
export function exportedName(project: string, part: "all" | "training" | "validation"): string {
  return `${project}-labels${part === "all" ? "" : `-${part}`}`;
}

/** What makes another export of the same work. */
export interface ExportRules extends People {
  labels: readonly string[];
  /** Share of the images that validates. */
  validationFraction: number;
  /** Seed of the split. */
  splitSeed: number;
}

export function hashOf({ labels, labelers, reviewers, validationFraction, splitSeed }: ExportRules): string {
  const content = JSON.stringify([labels, labelers, reviewers, validationFraction, splitSeed]);
  return createHash("sha256").update(content).digest("hex").slice(0, 16);
}

function blobOf(mark: string): string {
  return `${folderOf(mark)}/lastExport.json`;
}

/** Undefined before the first one, and for one of another workspace. */
export async function readLastExport(
  container: ContainerClient,
  mark: string,
  workspaceId: string,
): Promise<LastExport | undefined> {
  const found = await readJsonBlob<LastExport>(container, blobOf(mark));
  return found?.all.id.startsWith(`${workspaceId}/`) ? found : undefined;
}

export async function writeLastExport(container: ContainerClient, mark: string, last: LastExport): Promise<void> {
  await writeJsonBlob(container, blobOf(mark), last);
}
