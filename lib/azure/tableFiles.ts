import { createInterface } from "node:readline";
import { Readable } from "node:stream";
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

/** The lines of a table that hold something, read as they are wanted: a table may have a hundred thousand. */
export async function* tableLines(container: ContainerClient, folder: string): AsyncGenerator<string> {
  for await (const file of tableFiles(container, folder)) yield* filledLines(file);
}

export async function* filledLines(file: NodeJS.ReadableStream): AsyncGenerator<string> {
  for await (const line of createInterface({ input: Readable.from(file), crlfDelay: Infinity }))
    if (line.trim() !== "") yield line;
}
