import fc from "fast-check";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JsonReader, Keys, type Scalar } from "../../../../lib/coco/json/reader";
import { BrokenJson } from "../../../../lib/coco/json/scanner";

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "json-test-"))));
afterAll(() => rmSync(folder, { recursive: true }));

function reading<R>(text: string | Uint8Array, chunk: number, read: (reader: JsonReader) => R): R {
  const file = join(folder, "text.json");
  writeFileSync(file, text);
  const reader = new JsonReader(file, chunk);
  try {
    return read(reader);
  } finally {
    reader.close();
  }
}

/** Whether the whole text is one value, for a reader that sees so many bytes at once. */
function isAccepted(text: string | Uint8Array, chunk: number): boolean {
  try {
    return reading(text, chunk, (reader) => {
      reader.skipValue();
      return reader.next() === -1;
    });
  } catch (error) {
    if (error instanceof BrokenJson) return false;
    throw error;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A value as text, in one of the many ways to write it. */
const spelled = fc
  .tuple(fc.json({ maxDepth: 4 }), fc.constantFrom("", " ", "\n", "\t\r\n  "), fc.boolean())
  .map(([text, space, escapes]) => {
    const spaced = JSON.stringify(JSON.parse(text), null, 2).replaceAll("\n", space === "" ? "" : `\n${space}`);
    if (!escapes) return `${space}${spaced}${space}`;
    return spaced.replace(/[^\x20-\x7e\n\r\t]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  });
const chunk = fc.integer({ min: 1, max: 40 });
const rounds = { numRuns: 200 };

describe("the scanner", () => {
  test("takes every JSON text, wherever its chunks end", () => {
    fc.assert(
      fc.property(spelled, chunk, (text, size) => isAccepted(text, size)),
      rounds,
    );
  });

  test("takes nothing else: one changed, added or removed byte is judged as JSON.parse judges it", () => {
    const bytes = '[]{}",:0123456789.-+eEtrufalsn\\/ \n';
    fc.assert(
      fc.property(spelled, fc.nat(), fc.constantFrom(...bytes), fc.nat(2), chunk, (text, at, byte, kind, size) => {
        const place = at % (text.length + 1);
        const mutated = text.slice(0, place) + (kind < 2 ? byte : "") + text.slice(kind === 0 ? place : place + 1);
        expect([mutated, isAccepted(mutated, size)]).toEqual([mutated, isJson(mutated)]);
      }),
      { numRuns: 1000 },
    );
  });

  test("judges lists of numbers as JSON.parse does", () => {
    const pieces = fc.array(fc.constantFrom("0", "1", "25", "-", ".", "e", "E", "+", ",", " ", "[", "]"), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(pieces, chunk, (parts, size) => {
        const text = `[[1.5,${parts.join("")}],-3]`;
        expect([text, isAccepted(text, size)]).toEqual([text, isJson(text)]);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ["[NaN, Infinity, -Infinity, 1]", true],
    ["[1, -Infinity]", true],
    ['{"a": -Infinity}', true],
    ["[nan]", false],
    ["[-NaN]", false],
    ["[- Infinity]", false],
    ["[-null5]", false],
    ["[+1]", false],
  ])("Python's numbers: %s", (text, accepted) => {
    for (let size = 1; size < 20; size++) expect(isAccepted(text, size)).toBe(accepted);
  });

  test("nesting has no limit", () => {
    const deep = 200_000;
    expect(isAccepted("[".repeat(deep) + "]".repeat(deep), 1000)).toBe(true);
    expect(isAccepted("[".repeat(deep) + "]".repeat(deep - 1), 1000)).toBe(false);
  });

  test.each([
    ['{"a": [1, 2,, 3]}', 12, "a value must come, not ','"],
    ['{"a": "x', 8, "the file ends where the rest of a string must come"],
    ['{"a" 1}', 5, "\":\" must come, not '1'"],
    ["[1 2]", 3, '"," or "]" must come'],
    ['["\u0001"]', 2, "must come, not the byte 0x01"],
    ['["\\x"]', 3, "an escape must come"],
  ])("names the byte: %s", (text, offset, message) => {
    for (let size = 1; size < 20; size++) {
      const read = () => reading(text, size, (reader) => reader.skipValue());
      expect(read).toThrow(message);
      expect(read).toThrow(`at byte ${offset}:`);
    }
  });
});

describe("the reader", () => {
  test("reads scalars as JSON.parse does, wherever their chunks end", () => {
    const scalar = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.integer({ min: -1e6, max: 1e6 }).map((value) => value / 100),
      fc.string({ unit: "binary" }),
      fc.boolean(),
      fc.constant(null),
    );
    fc.assert(
      fc.property(scalar, chunk, fc.boolean(), (value, size, isLong) => {
        // Behind much else, numbers are read by the short way.
        const text = `${JSON.stringify(value)}${isLong ? " ".repeat(size) : ""}`;
        const read = reading(text, isLong ? 100 : size, (reader) => reader.readScalar());
        expect(typeof read === "bigint" ? Number(read) : read).toEqual(JSON.parse(text));
      }),
      { numRuns: 600 },
    );
  });

  test.each<[string, Scalar]>([
    ["9007199254740993", 9007199254740993n],
    ["-12345678901234567890", -12345678901234567890n],
    ["9007199254740991", 9007199254740991],
    ["999999999999999", 999999999999999],
    ["12345678901234567890.0", 12345678901234567890],
    ["1e400", Infinity],
    ["0.1000000000000001", 0.1000000000000001],
    ['"\\ud83d\\ude00\\u00fc"', "😀ü"],
  ])("keeps %s exactly", (text, value) => {
    for (const padding of ["", " ".repeat(30)]) {
      expect(reading(text + padding, 64, (reader) => reader.readScalar())).toBe(value);
    }
  });

  test("finds members whose keys are escaped, and skips all others", () => {
    const text = '{"x": {"id": 9}, "\\u0069d": 7, "idx": [1], "i": "}", "nam\\u0065": "n"}';
    for (let size = 1; size < 20; size++) {
      const found: unknown[] = [];
      reading(text, size, (reader) =>
        reader.readObject(new Keys(["id", "name"]), (key) => found.push([key, reader.readScalar()])),
      );
      expect(found).toEqual([
        [0, 7],
        [1, "n"],
      ]);
    }
  });

  test("refuses bytes that are no UTF-8, but not the replacement character itself", () => {
    const text = (bytes: number[]) => Uint8Array.from([0x22, ...bytes, 0x22]);
    expect(() => reading(text([0xff]), 9, (reader) => reader.readScalar())).toThrow("at byte 0: a string is no UTF-8");
    expect(reading(text([0xef, 0xbf, 0xbd]), 9, (reader) => reader.readScalar())).toBe("\ufffd");
  });
});
