import { createHash } from "node:crypto";

const wordsOfKey = 4;

/**
 * Texts by 16 bytes of their hash, each with a value of so many words; open addressing, at most half full. Two texts are
 * taken for one with a chance of about 2^-128.
 */
export class KeyTable {
  size = 0;
  private readonly wordsOfSlot: number;
  private slots: Uint32Array;

  /** @param wordsOfValue 32-bit words */
  constructor(wordsOfValue: number) {
    this.wordsOfSlot = wordsOfKey + wordsOfValue;
    this.slots = new Uint32Array(1024 * this.wordsOfSlot);
  }

  /** @returns false when the key is there already; its value stays */
  add(key: Uint32Array, value?: Uint32Array): boolean {
    const at = this.find(key);
    if (this.slots[at] !== 0) return false;
    this.slots.set(key, at);
    if (value) this.slots.set(value, at + wordsOfKey);
    this.size++;
    if (this.size * this.wordsOfSlot * 2 > this.slots.length) this.grow();
    return true;
  }

  has(key: Uint32Array): boolean {
    return this.slots[this.find(key)] !== 0;
  }

  valueOf(key: Uint32Array): Uint32Array | undefined {
    const at = this.find(key);
    return this.slots[at] === 0 ? undefined : this.slots.subarray(at + wordsOfKey, at + this.wordsOfSlot);
  }

  /** Where the key is, or the free slot where it belongs. */
  private find(key: Uint32Array): number {
    const count = this.slots.length / this.wordsOfSlot;
    for (let slot = (key[1] ?? 0) % count; ; slot = (slot + 1) % count) {
      const at = slot * this.wordsOfSlot;
      if (this.slots[at] === 0) return at;
      if (key.every((word, index) => this.slots[at + index] === word)) return at;
    }
  }

  private grow(): void {
    const old = this.slots;
    this.slots = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += this.wordsOfSlot) {
      if (old[at] !== 0)
        this.slots.set(old.subarray(at, at + this.wordsOfSlot), this.find(old.subarray(at, at + wordsOfKey)));
    }
  }
}

/** Key of a text in parts. Its first word is never 0, which marks a free slot. */
export function keyOf(parts: readonly string[]): Uint32Array {
  const digest = createHash("sha256").update(parts.join("\0")).digest();
  const key = Uint32Array.from({ length: wordsOfKey }, (_, index) => digest.readUInt32LE(4 * index));
  key[0] ||= 1;
  return key;
}
