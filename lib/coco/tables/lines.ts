import { closeSync, openSync, writeSync } from "node:fs";
import { writeShare } from "./share";

/** A box as a line of the JSONL has it, in shares of the image from its top left corner. */
export interface LabeledBox {
  label: string;
  topX: number;
  topY: number;
  bottomX: number;
  bottomY: number;
  isCrowd: 0 | 1;
}

/** One line of the JSONL that AutoML reads: one image. Width and height are in pixels. */
export interface Line {
  image_url: string;
  image_details: { format?: string; width: number; height: number };
  label: LabeledBox[];
}

const bufferBytes = 1024 * 1024;
/** Room for any share. */
const shareBytes = 32;
/** The longest that a UTF-16 unit can become. */
const bytesPerUnit = 3;

/** Writes text to a new file, many pieces at once. */
export class TextWriter {
  private readonly descriptor: number;
  private readonly buffer = Buffer.allocUnsafe(bufferBytes);
  private filled = 0;

  constructor(file: string) {
    this.descriptor = openSync(file, "wx");
  }

  write(text: string): void {
    if (text.length * bytesPerUnit > bufferBytes - this.filled) this.flush();
    if (text.length * bytesPerUnit > bufferBytes) writeAll(this.descriptor, Buffer.from(text));
    else this.filled += this.buffer.write(text, this.filled);
  }

  /** Writes bytes that are UTF-8 already; for the short ones that are many. */
  writeBytes(bytes: Uint8Array): void {
    const { length } = bytes;
    if (length > bufferBytes - this.filled) this.flush();
    if (length > bufferBytes) {
      writeAll(this.descriptor, bytes);
      return;
    }
    const { buffer, filled } = this;
    for (let index = 0; index < length; index++) buffer[filled + index] = bytes[index];
    this.filled = filled + length;
  }

  /** Writes a number as JSON; fast for shares. */
  writeNumber(value: number): void {
    if (bufferBytes - this.filled < shareBytes) this.flush();
    const end = writeShare(value, this.buffer, this.filled);
    if (end < 0) this.write(String(value));
    else this.filled = end;
  }

  /** Ends the file. To be called once, also after an error. */
  close(): void {
    try {
      this.flush();
    } finally {
      closeSync(this.descriptor);
    }
  }

  private flush(): void {
    const { filled } = this;
    this.filled = 0;
    writeAll(this.descriptor, this.buffer.subarray(0, filled));
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
}
