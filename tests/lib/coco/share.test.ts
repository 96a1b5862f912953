import fc from "fast-check";
import { writeShare } from "../../../lib/coco/tables/share";

const bytes = Buffer.alloc(64);

/** As it is written, or undefined where it is not. */
function written(value: number): string | undefined {
  const end = writeShare(value, bytes, 3);
  return end < 0 ? undefined : bytes.toString("latin1", 3, end);
}

test("any number of its range is written as JavaScript writes it, and others are not written", () => {
  fc.assert(
    fc.property(fc.double({ min: 2 ** -8, max: 1.1, noNaN: true }), (value) => {
      expect(written(value)).toBe(value >= 2 ** -7 && value < 1 ? String(value) : undefined);
    }),
    { numRuns: 20_000 },
  );
});

test("so is what pixels make of images of any size", () => {
  const pixels = fc.tuple(fc.integer({ min: 1, max: 8000 }), fc.integer({ min: 1, max: 800_000 }), fc.nat(2));
  fc.assert(
    fc.property(pixels, ([extent, hundredths, decimals]) => {
      const value = hundredths / 10 ** decimals / extent;
      fc.pre(value >= 2 ** -7 && value < 1);
      expect(written(value)).toBe(String(value));
    }),
    { numRuns: 10_000 },
  );
});

test.each([0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.0078125, 0.1, 0.3, 0.9, 0.7])(
  "around %d, where powers of two and decimals meet, each neighbour is itself",
  (middle) => {
    const next = new Float64Array([middle]);
    const bits = new BigInt64Array(next.buffer);
    for (let step = -50n; step <= 50n; step++) {
      next[0] = middle;
      bits[0] = (bits[0] ?? 0n) + step;
      const value = next[0] ?? 0;
      expect(written(value)).toBe(value >= 2 ** -7 ? String(value) : undefined);
    }
  },
);

test.each([0, -0, 1, -0.5, Number.NaN, Number.POSITIVE_INFINITY])("%d is not written", (value) => {
  expect(written(value)).toBeUndefined();
});
