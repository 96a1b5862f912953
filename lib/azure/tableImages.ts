import type { ContainerClient } from "@azure/storage-blob";
import { UserError } from "../errors";
import { apiVersions, type ArmClient } from "./arm";
import { openDatastore, parseDatastorePath } from "./datastores";
import { tableLines } from "./tableFiles";

/**
 * The first pictures of an MLTable data asset, as many as asked for or as there are.
 * @param dataId ARM id of the version
 * @throws UserError when the asset is no table of pictures in a datastore
 */
export async function firstTableImages(
  arm: ArmClient,
  workspaceId: string,
  dataId: string,
  count: number,
): Promise<Buffer[]> {
  const asset = await arm.get<{ dataUri?: string }>(dataId, apiVersions.machineLearning);
  const place = parseDatastorePath(asset?.properties.dataUri ?? "");
  if (!place) throw new UserError(`Data asset ${dataId} is not there, or is no folder of a datastore.`);
  const urls = await firstUrls(await openDatastore(arm, workspaceId, place.datastore), place.path, count);
  if (urls.length === 0) throw new UserError(`Data asset ${dataId} has no line with an image_url.`);
  const stores = new Map<string, ContainerClient>();
  const pictures: Buffer[] = [];
  for (const url of urls) {
    const picture = parseDatastorePath(url);
    if (!picture) throw new UserError(`Data asset ${dataId}: "${url}" is not in a datastore.`);
    let store = stores.get(picture.datastore);
    if (!store) stores.set(picture.datastore, (store = await openDatastore(arm, workspaceId, picture.datastore)));
    pictures.push(await store.getBlobClient(decodeURIComponent(picture.path)).downloadToBuffer());
  }
  return pictures;
}

async function firstUrls(container: ContainerClient, folder: string, count: number): Promise<string[]> {
  const urls: string[] = [];
  for await (const line of tableLines(container, folder)) {
    const { image_url: url } = JSON.parse(line) as { image_url?: unknown };
    if (typeof url === "string") urls.push(url);
    if (urls.length >= count) break;
  }
  return urls;
}
