import type { ContainerClient } from "@azure/storage-blob";

/** The JSONL files of a table's folder, opened one after the other: who has enough opens no more. */
export async function* tableFiles(container: ContainerClient, folder: string): AsyncGenerator<NodeJS.ReadableStream> {
  const prefix = folder.endsWith("/") ? folder : `${folder}/`;
  for await (const { name } of container.listBlobsFlat({ prefix })) {
    if (!name.endsWith(".jsonl")) continue;
    const { readableStreamBody } = await container.getBlobClient(name).download();
    if (readableStreamBody) yield readableStreamBody;
  }
}
