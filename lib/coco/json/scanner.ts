import { ByteWindow } from "./byteWindow";
import { numberRun } from "./numberRun";

/** JSON that is none, and where. */
export class BrokenJson extends Error {
  override readonly name = "BrokenJson";

  /** @param offset place in the file, in bytes from 0 */
  constructor(
    readonly offset: number,
    what: string,
  ) {
    super(`at byte ${offset}: ${what}`);
  }
}

// Not shared between modules: an imported constant is a property of the module, which costs in these loops.
const space = 0x20;
const quote = 0x22;
const comma = 0x2c;
const minus = 0x2d;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const capitalI = 0x49;
const backslash = 0x5c;
const openList = 0x5b;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;

/** Words that are values. Python writes the last two, and `-Infinity`, where JSON has no number. */
const words: Record<number, string | undefined> = Object.fromEntries(
  ["true", "false", "null", "NaN", "Infinity"].map((word) => [word.charCodeAt(0), word]),
);

/** 1 for the bytes that end a plain run of a string: the quote, the backslash, and what must be escaped. */
const isSpecial = new Uint8Array(256).fill(1, 0, space);
isSpecial[quote] = isSpecial[backslash] = 1;

const { nextState, classOf, classBits, nextStateOfPair, pairBits, wanted, afterMinus, isEnd } = numberRun;

/**
 * Goes over JSON token by token and checks all of it, without building a value. Values of any size and depth are skipped.
 * @throws BrokenJson from each method where the text is no JSON
 */
export class JsonScanner extends ByteWindow {
  /** Skips white space. @returns the next byte without taking it, or -1 at the file's end */
  next(): number {
    for (;;) {
      const byte = this.bytes[this.at];
      if (byte > space) return byte;
      if (byte === space || byte === 0x0a || byte === 0x0d || byte === 0x09) this.at++;
      else if (this.at < this.end) return byte;
      else if (!this.more()) return -1;
    }
  }

  /** Takes white space and then `byte`. */
  take(byte: number): void {
    if (this.next() !== byte) throw this.unexpected(`"${String.fromCharCode(byte)}"`);
    this.at++;
  }

  /** The next byte is not what the grammar wants. */
  unexpected(wantedHere: string): BrokenJson {
    const byte = this.peek();
    if (byte < 0) return new BrokenJson(this.offset, `the file ends where ${wantedHere} must come`);
    const isPrintable = byte > space && byte < 0x7f;
    const found = isPrintable ? `'${String.fromCharCode(byte)}'` : `the byte 0x${byte.toString(16).padStart(2, "0")}`;
    return new BrokenJson(this.offset, `${wantedHere} must come, not ${found}`);
  }

  /** Takes a value. */
  skipValue(): void {
    const byte = this.next();
    if (byte === openList || byte === openObject) this.skipNested();
    else this.skipScalar();
  }

  /** Takes a comma, or the closing byte: then there is no other member. */
  hasAnother(closer: number): boolean {
    const byte = this.next();
    if (byte !== comma && byte !== closer) throw this.unexpected(`"," or "${String.fromCharCode(closer)}"`);
    this.at++;
    return byte === comma;
  }

  /** Takes the word that is a value and begins here, if one does. */
  takeWord(): string | undefined {
    const word = words[this.peek()];
    if (!word) return undefined;
    for (let index = 0; index < word.length; index++) {
      if (this.peek() !== word.charCodeAt(index)) throw this.unexpected(`the rest of "${word}"`);
      this.at++;
    }
    return word;
  }

  /** Takes a string. @returns whether it has escapes */
  skipString(): boolean {
    this.take(quote);
    let hasEscapes = false;
    for (;;) {
      const { bytes } = this;
      let at = this.at;
      while (isSpecial[bytes[at]] === 0) at++;
      this.at = at;
      if (bytes[at] === quote) {
        this.at++;
        return hasEscapes;
      }
      if (bytes[at] === backslash) {
        hasEscapes = true;
        this.skipEscape();
      } else if (at < this.end) throw this.unexpected("a character of a string, or its escape,");
      else if (!this.more()) throw this.unexpected("the rest of a string");
    }
  }

  /** Takes a number, or Python's -Infinity. @returns how it is written */
  skipNumber(): "integer" | "decimal" | "other" {
    let form: "integer" | "decimal" | "other" = "integer";
    if (this.peek() === minus) {
      this.at++;
      if (this.peek() === capitalI) {
        this.takeWord();
        return "other";
      }
    }
    if (this.peek() === zero) this.at++;
    else this.skipDigits();
    if (this.peek() === 0x2e) {
      form = "decimal";
      this.at++;
      this.skipDigits();
    }
    const byte = this.peek();
    if (byte === 0x65 || byte === 0x45) {
      form = "other";
      this.at++;
      const sign = this.peek();
      if (sign === minus || sign === 0x2b) this.at++;
      this.skipDigits();
    }
    return form;
  }

  private skipDigits(): void {
    if (!isDigit(this.peek())) throw this.unexpected("a digit");
    do this.at++;
    while (isDigit(this.peek()));
  }

  private skipEscape(): void {
    this.at++;
    const escape = this.peek();
    if (escape < 0 || !'"\\/bfnrtu'.includes(String.fromCharCode(escape))) throw this.unexpected("an escape");
    this.at++;
    if (escape !== 0x75) return;
    for (let digit = 0; digit < 4; digit++) {
      const byte = this.peek();
      if (byte < 0 || !/[0-9a-f]/i.test(String.fromCharCode(byte))) throw this.unexpected("a hexadecimal digit");
      this.at++;
    }
  }

  private skipScalar(): void {
    const byte = this.next();
    if (byte === minus || isDigit(byte)) this.skipNumber();
    else if (byte === quote) this.skipString();
    else if (!this.takeWord()) throw this.unexpected("a value");
  }

  private skipNested(): void {
    /** The byte that closes each open list or object, outermost first. */
    const closers: number[] = [];
    for (;;) {
      if (!this.skipOpening(closers)) this.skipScalar();
      for (;;) {
        const closer = closers[closers.length - 1];
        if (!this.hasAnother(closer)) {
          closers.pop();
          if (closers.length === 0) return;
        } else if (closer === closeObject) {
          this.skipKey();
          break;
        } else if (this.skipNumbers()) break;
      }
    }
  }

  /**
   * Takes what opens lists and objects, as far as a scalar. True when there is none: the innermost is empty, or began with
   * numbers, which are taken.
   */
  private skipOpening(closers: number[]): boolean {
    for (;;) {
      const byte = this.next();
      if (byte === openList) {
        this.at++;
        closers.push(closeList);
        if (this.next() === closeList || !this.skipNumbers()) return true;
      } else if (byte === openObject) {
        this.at++;
        closers.push(closeObject);
        if (this.next() === closeObject) return true;
        this.skipKey();
      } else return false;
    }
  }

  private skipKey(): void {
    this.skipString();
    this.take(colon);
  }

  /**
   * Takes as much of `number, number, number` as there is, white space included, from where a value is wanted.
   * @returns whether a value is wanted still, as at the list's beginning or after a comma, and is none of these numbers
   */
  private skipNumbers(): boolean {
    let state = wanted;
    for (;;) {
      const { bytes, pairs } = this;
      let at = this.at;
      let then = nextState[(state << classBits) | classOf[bytes[at]]];
      // The end mark stops the pairs too, so that they need no count either.
      while (then !== 0) {
        state = then;
        at++;
        if ((at & 1) === 0) {
          let pair = at >> 1;
          then = nextStateOfPair[(state << pairBits) | pairs[pair]];
          while (then !== 0) {
            state = then;
            then = nextStateOfPair[(state << pairBits) | pairs[++pair]];
          }
          at = pair << 1;
        }
        then = nextState[(state << classBits) | classOf[bytes[at]]];
      }
      this.at = at;
      if (at < this.end || !this.more()) break;
    }
    // Python's -Infinity: its word is a value of its own here.
    if (state === wanted || (state === afterMinus && this.peek() === capitalI)) return true;
    if (isEnd[state]) return false;
    throw this.unexpected("the rest of a number");
  }
}

function isDigit(byte: number): boolean {
  return byte >= zero && byte <= nine;
}
