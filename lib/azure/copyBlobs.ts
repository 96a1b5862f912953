import type { BlobItem, ContainerClient } from "@azure/storage-blob";
import { createHash } from "node:crypto";
import { Transform, type Readable } from "node:stream";

const blockBytes = 8 * 1024 * 1024;
const blocksAtOnce = 4;

/**
 * Copies blobs through this process, since two accounts need not let each other in. What is there already with the same
 * MD5 and length is left alone; so a copy that was cut off goes on.
 * @throws Error when a blob arrives with another length or MD5 than it has where it comes from
 */
export async function copyBlobs(
  from: ContainerClient,
  fromPrefix: string,
  to: ContainerClient,
  toPrefix: string,
): Promise<{ files: number; bytes: number }> {
  const there = new Map<string, BlobItem>();
  for await (const item of to.listBlobsFlat({ prefix: toPrefix })) there.set(item.name.slice(toPrefix.length), item);
  let files = 0;
  let bytes = 0;
  for await (const item of from.listBlobsFlat({ prefix: fromPrefix })) {
    const name = item.name.slice(fromPrefix.length);
    files++;
    if (isSame(item, there.get(name))) continue;
    await copyBlob(from, item, to, toPrefix + name);
    bytes += item.properties.contentLength ?? 0;
  }
  return { files, bytes };
}

async function copyBlob(from: ContainerClient, { name, properties }: BlobItem, to: ContainerClient, target: string) {
  const { readableStreamBody } = await from.getBlobClient(name).download(0, undefined, { maxRetryRequests: 5 });
  if (!readableStreamBody) throw new Error(`${from.url}/${name} was answered without content.`);
  const hash = createHash("md5");
  let length = 0;
  const measured = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      length += chunk.length;
      done(null, chunk);
    },
  });
  const source = readableStreamBody as Readable;
  source.on("error", (error) => measured.destroy(error));
  const blob = to.getBlockBlobClient(target);
  const blobContentType = properties.contentType;
  await blob.uploadStream(source.pipe(measured), blockBytes, blocksAtOnce, { blobHTTPHeaders: { blobContentType } });
  const blobContentMD5 = hash.digest();
  const wanted = properties.contentMD5 && Buffer.from(properties.contentMD5);
  if (length !== properties.contentLength || (wanted && !wanted.equals(blobContentMD5))) {
    await blob.deleteIfExists();
    throw new Error(`${from.url}/${name} has changed on its way, or was cut short. Run "pulumi up" again.`);
  }
  await blob.setHTTPHeaders({ blobContentType, blobContentMD5 });
}

function isSame({ properties: one }: BlobItem, other: BlobItem | undefined): boolean {
  const [a, b] = [one.contentMD5, other?.properties.contentMD5];
  if (!a || !b || one.contentLength !== other?.properties.contentLength) return false;
  return Buffer.from(a).equals(Buffer.from(b));
}
