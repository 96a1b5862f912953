import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const chunkBytes = 256 * 1024;

/** Stands behind the last byte in sight. No JSON token has it, so that a loop over bytes needs no count. */
const endMark = 0;

/**
 * A file of any size, seen through a window that moves forward over its bytes. Reading is synchronous, for a chunk takes
 * less time than a turn of the event loop.
 */
export class ByteWindow {
  /** The bytes in sight: up to {@link end}, where an end mark follows. Another object after each {@link more}. */
  bytes: Buffer;
  /** The same bytes two by two. */
  pairs: Uint16Array;
  /** Index in {@link bytes} of the next byte. */
  at = 0;
  end = 0;
  /** Bytes of the file. */
  readonly size: number;

  private readonly descriptor: number;
  private offsetOfFirst = 0;
  private kept = -1;

  /**
   * @param chunk bytes that are read at once
   * @throws the error of the file system when the file cannot be opened
   */
  constructor(file: string, chunk: number = chunkBytes) {
    ({ bytes: this.bytes, pairs: this.pairs } = allocate(chunk + 1));
    this.descriptor = openSync(file, "r");
    this.size = fstatSync(this.descriptor).size;
  }

  /** Place of the next byte in the file. */
  get offset(): number {
    return this.offsetOfFirst + this.at;
  }

  /** The next byte without taking it, or -1 at the file's end. */
  peek(): number {
    return this.at < this.end || this.more() ? this.bytes[this.at] : -1;
  }

  /** Skips the mark that some editors put before UTF-8. Only at the file's beginning. */
  skipByteOrderMark(): void {
    for (const byte of [0xef, 0xbb, 0xbf]) {
      if (this.peek() !== byte) return;
      this.at++;
    }
  }

  /** From here on bytes stay in sight until {@link release}. */
  keep(): void {
    this.kept = this.at;
  }

  /** Ends the keeping. @returns index in {@link bytes} of the first byte that was kept; the last is the one before {@link at} */
  release(): number {
    const from = this.kept;
    this.kept = -1;
    return from;
  }

  /** Brings the next chunk in sight once all bytes are taken. False at the file's end. */
  more(): boolean {
    const first = this.kept < 0 ? this.at : this.kept;
    const held = this.end - first;
    const { bytes: target, pairs } = held + 1 < this.bytes.length ? this : allocate(this.bytes.length * 2);
    this.bytes.copy(target, 0, first, this.end);
    const read = readSync(this.descriptor, target, held, target.length - 1 - held, null);
    this.bytes = target;
    this.pairs = pairs;
    this.offsetOfFirst += first;
    this.at -= first;
    if (this.kept >= 0) this.kept = 0;
    this.end = held + read;
    this.bytes[this.end] = endMark;
    return read > 0;
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/** A window of at least so many bytes, and of whole pairs. */
function allocate(length: number): { bytes: Buffer; pairs: Uint16Array } {
  const pairs = new Uint16Array(Math.ceil(length / 2));
  return { bytes: Buffer.from(pairs.buffer), pairs };
}
