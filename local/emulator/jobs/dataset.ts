import { posix } from "node:path";
import { parse } from "yaml";
import { apiVersions, type ArmClient } from "../../../lib/azure/arm";
import { openDatastore, parseDatastorePath } from "../../../lib/azure/datastores";
import type { ContainerClient } from "@azure/storage-blob";
import type { Example, GroundTruthBox } from "../../trainer";

/** Images that the service wants at least. */
const fewestImages = 10;
const parallelDownloads = 16;

/** A picture of a data asset. */
export interface DatasetExample extends Example {
  /** Its column image_url. */
  url: string;
}

interface Line {
  image_url?: unknown;
  [column: string]: unknown;
}

/**
 * Reads a data asset as the service does: version, MLTable, JSONL, images, each by its URL and with a token.
 * @throws Error in words of the service, naming what is missing
 */
export async function readDataset(arm: ArmClient, dataId: string, labelColumn: string): Promise<DatasetExample[]> {
  const asset = await arm.get<{ dataUri?: string; dataType?: string }>(dataId, apiVersions.machineLearning);
  if (!asset) throw new Error(`Data asset '${dataId}' was not found.`);
  if (asset.properties.dataType !== "mltable")
    throw new Error(`Data asset '${dataId}' is of type '${asset.properties.dataType}'; training needs 'mltable'.`);
  const reader = new DatastoreReader(arm);
  const folder = String(asset.properties.dataUri).replace(/\/?$/, "/");
  const table = parse(await reader.text(`${folder}MLTable`, "The MLTable file")) as {
    paths?: { file?: string }[];
  } | null;
  const files = (table?.paths ?? []).flatMap(({ file }) => (file ? [file] : []));
  if (files.length === 0) throw new Error(`The MLTable of '${dataId}' names no file under 'paths'.`);
  const texts = await Promise.all(
    files.map((file) => reader.text(folder + posix.normalize(file), "The file that the MLTable names")),
  );
  const lines = texts.flatMap((text) => text.split("\n").filter((line) => line.trim() !== ""));
  if (lines.length < fewestImages)
    throw new Error(`The data has ${lines.length} images; at least ${fewestImages} are needed to train.`);
  const rows = lines.map((line, index) => parseLine(line, index + 1, labelColumn));

  const examples = new Array<DatasetExample>(rows.length);
  const queue = rows.entries();
  const download = async () => {
    for (const [index, { url, boxes }] of queue)
      examples[index] = { url, image: await reader.bytes(url, "The image"), boxes };
  };
  await Promise.all(Array.from({ length: parallelDownloads }, download));
  return examples;
}

function parseLine(text: string, number: number, labelColumn: string): { url: string; boxes: GroundTruthBox[] } {
  let line: Line;
  try {
    line = JSON.parse(text) as Line;
  } catch {
    throw new Error(`Line ${number} of the annotations is no JSON.`);
  }
  if (typeof line.image_url !== "string") throw new Error(`Line ${number} of the annotations has no 'image_url'.`);
  const labels = line[labelColumn];
  if (!Array.isArray(labels)) {
    throw new Error(
      `Line ${number} of the annotations has no list in the label column '${labelColumn}'; its columns are ${Object.keys(line).join(", ")}.`,
    );
  }
  const boxes = labels.map((box: Record<string, unknown>) => {
    const sides = ["topX", "topY", "bottomX", "bottomY"].map((side) => box[side]);
    if (typeof box.label !== "string" || sides.some((side) => typeof side !== "number" || side < 0 || side > 1)) {
      throw new Error(
        `Line ${number} of the annotations has a box without label, topX, topY, bottomX, bottomY between 0 and 1.`,
      );
    }
    const [topX = 0, topY = 0, bottomX = 0, bottomY = 0] = sides as number[];
    return { label: box.label, topX, topY, bottomX, bottomY, isCrowd: Number(box.isCrowd) === 1 };
  });
  return { url: line.image_url, boxes };
}

/** Blobs by azureml:// path; each datastore is looked up once. */
class DatastoreReader {
  private readonly containers = new Map<string, Promise<ContainerClient>>();

  constructor(private readonly arm: ArmClient) {}

  async text(uri: string, what: string): Promise<string> {
    return Buffer.from(await this.bytes(uri, what)).toString("utf8");
  }

  async bytes(uri: string, what: string): Promise<Uint8Array> {
    const place = parseDatastorePath(uri);
    if (!place) throw new Error(`${what} '${uri}' is no azureml:// path of a datastore.`);
    const key = `${place.workspaceId}/${place.datastore}`;
    let container = this.containers.get(key);
    if (!container) this.containers.set(key, (container = openDatastore(this.arm, place.workspaceId, place.datastore)));
    const blob = (await container).getBlobClient(decodeURIComponent(place.path));
    try {
      return await blob.downloadToBuffer();
    } catch (error) {
      const { statusCode, response } = error as {
        statusCode?: number;
        response?: { headers: { get(name: string): string | undefined } };
      };
      if (statusCode === 404) throw new Error(`${what} '${uri}' was not found.`, { cause: error });
      if (statusCode !== 403) throw error;
      const code = response?.headers.get("x-ms-error-code") ?? "AuthorizationFailure";
      throw new Error(
        `${what} '${uri}' cannot be read: ErrorCode:${code}. This request is not authorized to perform this operation using this permission. The identity of the compute needs a role on the storage account.`,
        { cause: error },
      );
    }
  }
}
