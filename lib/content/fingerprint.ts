import { createHash } from "node:crypto";

const modulus = 1n << 256n;

/**
 * A hash of a set of paths with their MD5: equal for equal content, whatever the order, the dates or the machine. It is the
 * sum of one SHA-256 a file, so it takes files as they come and holds none of them.
 */
export class Fingerprint {
  private sum = 0n;
  files = 0;

  /** @param md5 base64, as the Content-MD5 of a blob */
  add(path: string, md5: string): void {
    const digest = createHash("sha256").update(`${path}\0${md5}`).digest("hex");
    this.sum = (this.sum + BigInt(`0x${digest}`)) % modulus;
    this.files++;
  }

  /** 16 hex digits. */
  toString(): string {
    return createHash("sha256")
      .update(`${this.files}:${this.sum.toString(16)}`)
      .digest("hex")
      .slice(0, 16);
  }
}
