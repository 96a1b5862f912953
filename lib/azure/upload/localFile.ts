import type { BigIntStats } from "node:fs";
import { open, stat, type FileHandle } from "node:fs/promises";
import type { LocalFile } from "../../content/walk";
import { UserError } from "../../errors";

/** A file that is being sent: what is read must be what was there at the start. */
export class OpenFile {
  private constructor(
    private readonly source: LocalFile,
    private readonly handle: FileHandle,
    private readonly before: BigIntStats,
  ) {}

  /** Opens a file for `use`. @throws UserError when it cannot be read, or is not what was listed */
  static async using<Result>(source: LocalFile, use: (file: OpenFile) => Promise<Result>): Promise<Result> {
    const handle = await open(source.file, "r").catch((error: NodeJS.ErrnoException) => {
      throw error.code === "ENOENT"
        ? changed(source)
        : new UserError(`${source.file} cannot be read: ${error.code}. Make it readable for the user who uploads.`);
    });
    try {
      const before = await handle.stat({ bigint: true });
      if (before.size !== BigInt(source.size)) throw changed(source);
      return await use(new OpenFile(source, handle, before));
    } finally {
      await handle.close();
    }
  }

  /** Exactly the given bytes. @throws UserError when the file has become shorter */
  async read(position: number, length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(length);
    for (let filled = 0; filled < length;) {
      const { bytesRead } = await this.handle.read(buffer, filled, length - filled, position + filled);
      if (bytesRead === 0) throw changed(this.source);
      filled += bytesRead;
    }
    return buffer;
  }

  /** @throws UserError when the file is not as it was when it was opened */
  async requireUnchanged(): Promise<void> {
    // By its path, so that a file that was put in its place is noticed too.
    const now = await stat(this.source.file, { bigint: true }).catch(() => undefined);
    const { size, mtimeNs, ino } = this.before;
    if (now?.size !== size || now.mtimeNs !== mtimeNs || now.ino !== ino) throw changed(this.source);
  }
}

function changed({ file }: LocalFile): UserError {
  return new UserError(`${file} changed while it was being uploaded. Run the upload again when it is complete.`);
}
