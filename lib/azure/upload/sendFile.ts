import { createHash } from "node:crypto";
import type { LocalFile } from "../../content/walk";
import type { BlobWriter } from "./blobWriter";
import type { ByteBudget } from "./byteBudget";
import { OpenFile } from "./localFile";

/** What the container held before the upload. */
export interface PresentBlobs {
  /** Whether there is a blob of that path with that MD5 (base64). */
  has(path: string, md5: string): boolean;
  /** Whether there is one of that path and size, so that it is worth it to read a large file before it is sent. */
  hasSize(path: string, size: number): boolean;
}

export interface FileOutcome {
  /** Base64. */
  md5: string;
  sent: boolean;
}

/** Files up to this go in one request. */
export const singleRequestBytes = 8 * 1024 * 1024;
const mostBlocks = 50_000;

/** Makes blob `name` hold the file, unless it does already. @throws UserError when the file changes meanwhile */
export function sendFile(
  writer: BlobWriter,
  budget: ByteBudget,
  source: LocalFile,
  name: string,
  present: PresentBlobs,
): Promise<FileOutcome> {
  return OpenFile.using(source, (file) =>
    source.size <= singleRequestBytes
      ? budget.holding(source.size, () => sendSmall(writer, file, source, name, present))
      : sendLarge(writer, budget, file, source, name, present),
  );
}

async function sendSmall(
  writer: BlobWriter,
  file: OpenFile,
  { path, size }: LocalFile,
  name: string,
  present: PresentBlobs,
): Promise<FileOutcome> {
  const body = await file.read(0, size);
  const digest = createHash("md5").update(body).digest();
  const md5 = digest.toString("base64");
  const sent = !present.has(path, md5);
  if (sent) {
    // A file that is being written is not sent half.
    await file.requireUnchanged();
    await writer.put(name, body, digest);
  }
  await file.requireUnchanged();
  return { md5, sent };
}

async function sendLarge(
  writer: BlobWriter,
  budget: ByteBudget,
  file: OpenFile,
  { path, size }: LocalFile,
  name: string,
  present: PresentBlobs,
): Promise<FileOutcome> {
  const blockBytes = Math.max(singleRequestBytes, Math.ceil(size / mostBlocks));
  const blocks = blocksOf(size, blockBytes);
  if (present.hasSize(path, size)) {
    const hash = createHash("md5");
    for (const { position, length } of blocks) {
      await budget.holding(length, async () => hash.update(await file.read(position, length)));
    }
    await file.requireUnchanged();
    const md5 = hash.digest("base64");
    if (present.has(path, md5)) return { md5, sent: false };
  }
  return { md5: await sendBlocks(writer, budget, file, blocks, name), sent: true };
}

interface Block {
  position: number;
  length: number;
}

function blocksOf(size: number, blockBytes: number): Block[] {
  return Array.from({ length: Math.ceil(size / blockBytes) }, (_, index) => ({
    position: index * blockBytes,
    length: Math.min(blockBytes, size - index * blockBytes),
  }));
}

/**
 * Sends a file in blocks and makes the blob of them once all are there and the file is still the same. A block's id is its
 * place and content, so that blocks that an interrupted upload left behind need not be sent again. Answers the MD5.
 */
async function sendBlocks(
  writer: BlobWriter,
  budget: ByteBudget,
  file: OpenFile,
  blocks: readonly Block[],
  name: string,
): Promise<string> {
  const hash = createHash("md5");
  const staged = await writer.staged(name);
  const ids: string[] = [];
  const running: Promise<void>[] = [];
  let failure: { error: unknown } | undefined;
  const fail = (error: unknown) => {
    failure ??= { error };
  };
  for (const { position, length } of blocks) {
    await budget.take(length);
    const give = () => budget.give(length);
    const block = failure ? undefined : await file.read(position, length).catch(fail);
    if (!block) {
      give();
      break;
    }
    hash.update(block);
    const id = blockId(ids.length, block);
    ids.push(id);
    running.push((staged.has(id) ? Promise.resolve() : writer.stage(name, id, block)).catch(fail).finally(give));
  }
  await Promise.all(running);
  if (failure) throw failure.error;
  await file.requireUnchanged();
  const digest = hash.digest();
  await writer.commit(name, ids, digest);
  await file.requireUnchanged();
  return digest.toString("base64");
}

function blockId(index: number, block: Buffer): string {
  const place = Buffer.alloc(4);
  place.writeUInt32BE(index);
  return Buffer.concat([place, createHash("md5").update(block).digest()]).toString("base64");
}
