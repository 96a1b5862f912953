import type { ContainerClient } from "@azure/storage-blob";
import type { ArmClient } from "../../lib/azure/arm";
import { findDataVersion } from "../../lib/azure/dataAssets";
import { openDatastore } from "../../lib/azure/datastores";
import { tableFiles } from "../../lib/azure/tableFiles";

/** Tag or property of a data asset with the number of its images. */
const countKey = "validation_images";

/**
 * Images of a validation data asset: as its tag or property `validation_images` says, else by counting the lines of its
 * JSONL tables, one of which is an image. Null when neither can be had.
 * @param dataId ARM id of the version
 */
export async function countValidationImages(
  arm: ArmClient,
  workspaceId: string,
  dataId: string,
): Promise<number | null> {
  const asset = await findDataVersion(arm, dataId);
  const told = asset?.properties.tags?.[countKey] ?? asset?.properties.properties?.[countKey];
  if (told !== undefined && /^\d+$/.test(told)) return Number(told);
  if (!asset?.place) return null;
  return countLines(await openDatastore(arm, workspaceId, asset.place.datastore), asset.place.path);
}

async function countLines(container: ContainerClient, folder: string): Promise<number | null> {
  let lines: number | null = null;
  for await (const file of tableFiles(container, folder)) lines = (lines ?? 0) + (await linesOf(file));
  return lines;
}

/** Lines that hold something; the table of a large data set is not kept in memory. */
async function linesOf(stream: NodeJS.ReadableStream): Promise<number> {
  const newline = 10;
  let count = 0;
  let filled = false;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    for (const byte of chunk) {
      if (byte !== newline) filled ||= byte > 32;
      else if (filled) {
        count++;
        filled = false;
      }
    }
  }
  return count + (filled ? 1 : 0);
}
