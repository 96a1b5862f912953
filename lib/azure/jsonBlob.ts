import type { ContainerClient } from "@azure/storage-blob";

/** The content of a small blob; undefined when there is none. */
export async function readJsonBlob<T>(container: ContainerClient, name: string): Promise<T | undefined> {
  try {
    return JSON.parse((await container.getBlobClient(name).downloadToBuffer()).toString("utf8")) as T;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
}

export async function writeJsonBlob(container: ContainerClient, name: string, content: unknown): Promise<void> {
  const text = `${JSON.stringify(content, null, 2)}\n`;
  await container.getBlockBlobClient(name).upload(text, Buffer.byteLength(text), {
    blobHTTPHeaders: { blobContentType: "application/json" },
  });
}
