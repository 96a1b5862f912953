import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { userCacheFolder } from "../cacheFolder";
import { keyOf, KeyTable } from "./keyTable";
import type { LocalFile } from "./walk";

const magic = Buffer.from("md5s of files, 1\0\0\0\0");
const keyBytes = 16;
const md5Bytes = 16;
const recordBytes = keyBytes + md5Bytes;
const checkBytes = 32;
const blockRecords = 4096;
/** A folder of less is read faster than it is remembered. */
const smallestRemembered = 64 * 1024 * 1024;
/** Two changes of a file within the clock tick of its file system look like one; the coarsest tick is FAT's. */
const tickMs = 2000n;
const unusedMs = 60 * 24 * 3_600_000;

export interface Md5CacheSettings {
  /** Where caches are kept. @default in the program's cache folder */
  cacheFolder?: string;
  /** Bytes below which a folder is not remembered. @default 64 MiB */
  smallestFolder?: number;
  /** The clock, in milliseconds since 1970; for tests. */
  now?: () => number;
}

/**
 * MD5s of a folder's files, kept from one run to the next, so that only what changed is read again. A file counts as the one
 * that was read only if path, size, inode, and the dates of content (mtime) and of status (ctime, which no program can set)
 * are the same to the nanosecond. One that was changed so shortly before it was read that a further change could have the
 * same date is not remembered. It holds 32 bytes a file, and in memory 64 to 128.
 */
export class Md5Cache {
  /** Clock for {@link note}, in milliseconds since 1970. */
  readonly now: () => number;
  private readonly smallest: number;
  /** Blocks of records, all full but the last. */
  private readonly seen: Buffer[] = [];
  private files = 0;
  private bytes = 0;
  private isNew = false;

  private constructor(
    private readonly file: string,
    private readonly known: KeyTable,
    { smallestFolder = smallestRemembered, now = Date.now }: Md5CacheSettings,
  ) {
    this.smallest = smallestFolder;
    this.now = now;
  }

  /** The cache of a folder; empty when there is none, or it is damaged. */
  static async open(folder: string, settings: Md5CacheSettings = {}): Promise<Md5Cache> {
    const { cacheFolder = join(userCacheFolder(), "md5") } = settings;
    const place = await realpath(folder).catch(() => folder);
    const file = join(cacheFolder, createHash("sha256").update(place).digest("hex").slice(0, 32));
    return new Md5Cache(file, await load(file), settings);
  }

  /** Base64, as the Content-MD5 of a blob; undefined when the file must be read. */
  find(file: LocalFile): string | undefined {
    const md5 = this.known.valueOf(keyOfFile(file));
    return md5 && bytesOf(md5).toString("base64");
  }

  /**
   * Notes that a file is there, for {@link save}.
   * @param readAt when its reading began, by {@link now}; undefined for what {@link find} found
   */
  note(file: LocalFile, md5: string, readAt?: number): void {
    this.bytes += file.size;
    if (readAt !== undefined) {
      if (file.stamp.ctimeNs / 1_000_000n + tickMs >= BigInt(readAt)) return;
      this.isNew = true;
    }
    const place = (this.files++ % blockRecords) * recordBytes;
    if (place === 0) this.seen.push(Buffer.alloc(blockRecords * recordBytes));
    const block = this.seen[this.seen.length - 1];
    block?.set(bytesOf(keyOfFile(file)), place);
    block?.write(md5, place + keyBytes, "base64");
  }

  /** Keeps what was noted, and forgets all else. A cache that cannot be written is none, and no error. */
  async save(): Promise<void> {
    const hasGone = this.files < this.known.size;
    if (this.bytes < this.smallest || !(this.isNew || hasGone)) return;
    const content = Buffer.concat([magic, ...this.seen], magic.length + this.files * recordBytes);
    const draft = `${this.file}.${process.pid}`;
    const folder = dirname(this.file);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(draft, Buffer.concat([content, checkOf(content)]), { mode: 0o600 });
      await rename(draft, this.file);
      await removeUnused(folder);
    } catch {
      await rm(draft, { force: true }).catch(() => {});
    }
  }
}

function keyOfFile({ path, size, stamp: { ino, mtimeNs, ctimeNs } }: LocalFile): Uint32Array {
  return keyOf([path, `${size} ${ino} ${mtimeNs} ${ctimeNs}`]);
}

function bytesOf(words: Uint32Array): Buffer {
  return Buffer.from(words.buffer, words.byteOffset, words.byteLength);
}

async function load(file: string): Promise<KeyTable> {
  const table = new KeyTable(md5Bytes / 4);
  const content = await readFile(file).catch(() => Buffer.alloc(0));
  const end = content.length - checkBytes;
  const isWhole = end >= magic.length && (end - magic.length) % recordBytes === 0;
  if (!isWhole || !content.subarray(0, magic.length).equals(magic)) return table;
  if (!checkOf(content.subarray(0, end)).equals(content.subarray(end))) return table;
  const words = new Uint32Array(recordBytes / 4);
  for (let at = magic.length; at < end; at += recordBytes) {
    content.copy(bytesOf(words), 0, at, at + recordBytes);
    table.add(words.subarray(0, keyBytes / 4), words.subarray(keyBytes / 4));
  }
  return table;
}

function checkOf(content: Uint8Array): Buffer {
  return createHash("sha256").update(content).digest();
}

/** Caches of folders that nobody reads any more, and drafts of processes that were killed. */
async function removeUnused(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > unusedMs) await rm(join(folder, name), { force: true });
  }
}
