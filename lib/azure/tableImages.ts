import { messageOf, UserError } from "../errors";
import type { ArmClient } from "./arm";
import { openTable } from "./dataAssets";
import { PictureFiles } from "./pictureFiles";
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
  const files = new PictureFiles(arm);
  const pictures: Buffer[] = [];
  for (const url of await firstUrls(arm, workspaceId, dataId, count))
    pictures.push(
      await files.read(url).catch((error: unknown) => {
        throw new UserError(`Data asset ${dataId}: ${messageOf(error)}.`);
      }),
    );
  return pictures;
}

async function firstUrls(arm: ArmClient, workspaceId: string, dataId: string, count: number): Promise<string[]> {
  const { container, folder } = await openTable(arm, workspaceId, dataId);
  const urls: string[] = [];
  for await (const line of tableLines(container, folder)) {
    const { image_url: url } = JSON.parse(line) as { image_url?: unknown };
    if (typeof url === "string") urls.push(url);
    if (urls.length >= count) break;
  }
  if (urls.length === 0) throw new UserError(`Data asset ${dataId} has no line with an image_url.`);
  return urls;
}
