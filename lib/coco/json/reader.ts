import { isUtf8 } from "node:buffer";
import { BrokenJson, JsonScanner } from "./scanner";

const minus = 0x2d;
const dot = 0x2e;
const zero = 0x30;
const nine = 0x39;
const quote = 0x22;
const colon = 0x3a;
const letterE = 0x65;
const openList = 0x5b;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;

/** A value that is neither a list nor an object. Integers beyond 2^53 are bigints. */
export type Scalar = string | number | bigint | boolean | null;

const valueOfWord: Record<string, Scalar> = { true: true, false: false, null: null, NaN, Infinity };
const powersOfTen = Float64Array.from({ length: 17 }, (_, exponent) => Number(`1e${exponent}`));
/** In characters: what has no more digits than that is exact as an integer. */
const longestShortNumber = 15;

/** Reads the values that are wanted out of JSON, and skips all others. @throws BrokenJson where the text is no JSON */
export class JsonReader extends JsonScanner {
  /** Takes a value. @returns undefined for a list or an object, which is skipped */
  readScalar(): Scalar | undefined {
    const byte = this.next();
    if (byte === minus || (byte >= zero && byte <= nine)) return this.readNumber();
    if (byte === quote) return this.readString();
    const word = this.takeWord();
    if (word) return valueOfWord[word];
    this.skipValue();
    return undefined;
  }

  /** Takes an object; each turn gets the key's index among `keys`, or -1, and must take the value. */
  *members(keys: Keys): Generator<number> {
    this.take(openObject);
    if (this.next() === closeObject) {
      this.at++;
      return;
    }
    do {
      const key = this.readKey(keys);
      this.take(colon);
      yield key;
    } while (this.hasAnother(closeObject));
  }

  /** The same without a generator, for the many: `onMember` must take the value of a key of `keys`; others are skipped. */
  readObject(keys: Keys, onMember: (key: number) => void): void {
    this.take(openObject);
    if (this.next() === closeObject) {
      this.at++;
      return;
    }
    do {
      const key = this.readKey(keys);
      this.take(colon);
      if (key < 0) this.skipValue();
      else onMember(key);
    } while (this.hasAnother(closeObject));
  }

  /** Takes a list; each turn of the iteration must take one element. */
  *elements(): Generator<void> {
    this.take(openList);
    if (this.next() === closeList) {
      this.at++;
      return;
    }
    do yield;
    while (this.hasAnother(closeList));
  }

  /** Takes a list of numbers into `into`, as many as fit. @returns how many there are, or -1 when it is no such list */
  readNumbers(into: Float64Array): number {
    if (this.next() !== openList) {
      this.skipValue();
      return -1;
    }
    this.at++;
    if (this.next() === closeList) {
      this.at++;
      return 0;
    }
    let count = 0;
    let hasOther = false;
    do {
      const value = this.readScalar();
      if (typeof value === "number" || typeof value === "bigint") {
        if (count < into.length) into[count] = Number(value);
      } else hasOther = true;
      count++;
    } while (this.hasAnother(closeList));
    return hasOther ? -1 : count;
  }

  private readNumber(): number | bigint {
    const short = this.readShortNumber();
    if (!Number.isNaN(short)) return short;
    this.keep();
    const form = this.skipNumber();
    const text = this.bytes.toString("latin1", this.release(), this.at);
    const value = Number(text);
    return form === "integer" && !Number.isSafeInteger(value) ? BigInt(text) : value;
  }

  /**
   * Takes a number that is wholly in sight, has no exponent and few digits, which nearly all are. NaN when it is another.
   * Its digits make an exact integer, and the power of ten is exact too, so the one division gives the nearest number.
   */
  private readShortNumber(): number {
    if (this.end - this.at <= longestShortNumber) return Number.NaN;
    const { bytes } = this;
    const isNegative = bytes[this.at] === minus;
    const first = isNegative ? this.at + 1 : this.at;
    let at = first;
    let digits = 0;
    let byte = bytes[at];
    while (byte >= zero && byte <= nine) {
      digits = digits * 10 + (byte - zero);
      byte = bytes[++at];
    }
    const whole = at - first;
    let fraction = 0;
    if (byte === dot) {
      byte = bytes[++at];
      while (byte >= zero && byte <= nine) {
        digits = digits * 10 + (byte - zero);
        byte = bytes[++at];
        fraction++;
      }
      if (fraction === 0) return Number.NaN;
    }
    const hasLeadingZero = whole > 1 && bytes[first] === zero;
    if (whole === 0 || hasLeadingZero || at - this.at > longestShortNumber || (byte | 0x20) === letterE)
      return Number.NaN;
    this.at = at;
    const value = fraction === 0 ? digits : digits / powersOfTen[fraction];
    return isNegative ? -value : value;
  }

  private readString(): string {
    const { offset } = this;
    this.keep();
    const hasEscapes = this.skipString();
    const { bytes, at } = this;
    const from = this.release();
    const text = bytes.toString("utf8", from, at);
    if (text.includes("\ufffd") && !isUtf8(bytes.subarray(from, at)))
      throw new BrokenJson(offset, "a string is no UTF-8");
    return hasEscapes ? (JSON.parse(text) as string) : text.slice(1, -1);
  }

  /** Takes a key. @returns its index among `keys`, or -1 */
  private readKey(keys: Keys): number {
    this.next();
    this.keep();
    const hasEscapes = this.skipString();
    const { bytes, at } = this;
    const from = this.release();
    return hasEscapes
      ? keys.names.indexOf(JSON.parse(bytes.toString("utf8", from, at)) as string)
      : keys.find(bytes, from + 1, at - 1);
  }
}

/** Names of members that are looked for. */
export class Keys {
  private readonly encoded: Buffer[];

  constructor(readonly names: readonly string[]) {
    this.encoded = names.map((name) => Buffer.from(name));
  }

  /** Index of the name that stands in these bytes, or -1. */
  find(bytes: Uint8Array, from: number, to: number): number {
    for (let index = 0; index < this.encoded.length; index++) {
      const name = this.encoded[index];
      if (name.length === to - from && holds(bytes, from, name)) return index;
    }
    return -1;
  }
}

function holds(bytes: Uint8Array, from: number, wanted: Uint8Array): boolean {
  for (let index = 0; index < wanted.length; index++) if (bytes[from + index] !== wanted[index]) return false;
  return true;
}
