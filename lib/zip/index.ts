import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { crc32 } from "node:zlib";
import { openPromise, type Entry, type ZipFile } from "yauzl";
import { messageOf, UserError } from "../errors";

/** A file in a zip. */
export interface ZipEntry {
  /** With forward slashes, as the zip has it. */
  name: string;
  /** Bytes when unpacked. */
  size: number;
  crc32: number;
  /** The whole content, checked. @throws UserError when it is damaged */
  read(): Promise<Buffer>;
  /** Writes the content to a file, which appears when it is complete and checked. */
  extract(file: string): Promise<void>;
}

/** A zip on disk, of any size. Nothing of it is in memory but what is being read. */
export class Zip {
  private constructor(
    private readonly file: string,
    private readonly zip: ZipFile,
  ) {}

  /** @throws UserError when it is no zip, or not all of one */
  static async using<Result>(file: string, use: (zip: Zip) => Promise<Result>): Promise<Result> {
    const zip = await openPromise(file, { autoClose: false, lazyEntries: true }).catch((error: unknown) => {
      throw damaged(file, error);
    });
    try {
      return await use(new Zip(file, zip));
    } finally {
      zip.close();
    }
  }

  /** Files and folders together. */
  get entryCount(): number {
    return this.zip.entryCount;
  }

  /** The files, in the zip's order. */
  async *files(): AsyncGenerator<ZipEntry> {
    try {
      for await (const entry of this.zip.eachEntry()) if (!entry.fileName.endsWith("/")) yield this.entry(entry);
    } catch (error) {
      throw error instanceof UserError ? error : damaged(this.file, error);
    }
  }

  /** @throws UserError when there is no such file */
  async find(name: string): Promise<ZipEntry> {
    for await (const entry of this.files()) if (entry.name === name) return entry;
    throw new UserError(
      `${this.file} has no ${name}. Delete the file if it is another one than COCO's, and run again.`,
    );
  }

  private entry(entry: Entry): ZipEntry {
    const { fileName: name, uncompressedSize: size } = entry;
    const stream = () => this.zip.openReadStreamPromise(entry);
    const checked = async <Result>(action: () => Promise<{ crc: number; result: Result }>): Promise<Result> => {
      try {
        const { crc, result } = await action();
        if (crc !== entry.crc32) throw new Error(`the checksum of ${name} is wrong`);
        return result;
      } catch (error) {
        throw error instanceof UserError ? error : damaged(this.file, error);
      }
    };
    return {
      name,
      size,
      crc32: entry.crc32,
      read: () =>
        checked(async () => {
          const chunks: Buffer[] = [];
          for await (const chunk of (await stream()) as AsyncIterable<Buffer>) chunks.push(chunk);
          const result = Buffer.concat(chunks);
          return { crc: crc32(result), result };
        }),
      extract: async (file) => {
        const draft = `${file}.${process.pid}.draft`;
        try {
          await checked(async () => {
            let crc = 0;
            const sum = new Transform({
              transform(chunk: Buffer, _encoding, done) {
                crc = crc32(chunk, crc);
                done(null, chunk);
              },
            });
            await pipeline(await stream(), sum, createWriteStream(draft));
            return { crc, result: undefined };
          });
          await rename(draft, file);
        } finally {
          await rm(draft, { force: true });
        }
      },
    };
  }
}

function damaged(file: string, error: unknown): UserError {
  return new DamagedZip(
    `${file} is damaged: ${messageOf(error)}. It is removed; run the same command again to download it anew.`,
  );
}

/** A zip that no other try can read. */
export class DamagedZip extends UserError {}
