import type { ContainerClient } from "@azure/storage-blob";
import { Readable } from "node:stream";
import { countTasks, listAnnotatedTasks } from "./api";
import { hasAnnotations, hasSkips } from "./filters";
import type { LabelStudioClient } from "./client";

const chunkBytes = 4 * 1024 * 1024;

/**
 * Writes all that people have made to a blob: a line of JSON an image, {path, version, annotations}.
 * @returns how many images it has; without any there is no blob
 */
export async function backUp(
  client: LabelStudioClient,
  projectId: number,
  container: ContainerClient,
  blob: string,
): Promise<number> {
  if ((await countTasks(client, projectId, [hasAnnotations])) + (await countTasks(client, projectId, [hasSkips])) === 0)
    return 0;
  let images = 0;
  async function* lines() {
    for await (const { data, meta, annotations } of listAnnotatedTasks(client, projectId)) {
      images++;
      yield `${JSON.stringify({ path: data.path, version: meta.version, annotations })}\n`;
    }
  }
  await container.getBlockBlobClient(blob).uploadStream(Readable.from(lines()), chunkBytes, 1, {
    blobHTTPHeaders: { blobContentType: "application/jsonl" },
  });
  return images;
}
