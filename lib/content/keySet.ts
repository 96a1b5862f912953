import { createHash } from "node:crypto";

const wordsOfKey = 4;

/**
 * A set of texts that keeps 16 bytes of hash for each, so that a million blob names take 32 to 64 MB less than as strings
 * and a hundred thousand take 3 MB. Two texts are taken for one with a chance of about 2^-128.
 */
export class KeySet {
  private slots = new Uint32Array(1024 * wordsOfKey);
  size = 0;

  add(...parts: readonly string[]): void {
    const key = keyOf(parts);
    if (!this.place(key)) return;
    this.size++;
    if (this.size * wordsOfKey * 2 > this.slots.length) this.grow();
  }

  has(...parts: readonly string[]): boolean {
    const key = keyOf(parts);
    return this.slots[this.find(key)] !== 0;
  }

  /** False when the key was there. */
  private place(key: Uint32Array): boolean {
    const at = this.find(key);
    if (this.slots[at] !== 0) return false;
    this.slots.set(key, at);
    return true;
  }

  /** Where the key is, or the free slot where it belongs. */
  private find(key: Uint32Array): number {
    const slots = this.slots.length / wordsOfKey;
    for (let slot = (key[1] ?? 0) % slots; ; slot = (slot + 1) % slots) {
      const at = slot * wordsOfKey;
      if (this.slots[at] === 0) return at;
      if (key.every((word, index) => this.slots[at + index] === word)) return at;
    }
  }

  private grow(): void {
    const old = this.slots;
    this.slots = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += wordsOfKey) {
      if (old[at] !== 0) this.place(old.subarray(at, at + wordsOfKey));
    }
  }
}

/** Four words; the first is never 0, which marks a free slot. */
function keyOf(parts: readonly string[]): Uint32Array {
  const digest = createHash("sha256").update(parts.join("\0")).digest();
  const key = Uint32Array.from({ length: wordsOfKey }, (_, index) => digest.readUInt32LE(4 * index));
  key[0] ||= 1;
  return key;
}
