/*
 * Half of a conversion's time would go into printing shares by way of strings. The digits are those that JavaScript prints:
 * the fewest that are read back as the same number. T. J. Dekker, A floating-point technique for extending the available
 * precision (1971), gives the exact product of two numbers as the sum of two.
 */

const zero = 0x30;

/** Splits a number into halves of so few bits that their products are exact. */
const splitter = 2 ** 27 + 1;
/** Halves of 10^17 and 10^18. */
const [high17, low17] = halves(1e17);
const [high18, low18] = halves(1e18);
/** Digits are made in two parts, of 9 and of 8 digits. */
const lowerUnit = 1e8;
/** The digits of 00 to 99. */
const pairs = new Uint8Array(
  Buffer.from(Array.from({ length: 100 }, (_, pair) => String(pair).padStart(2, "0")).join("")),
);
/** Far more than the rounding errors below, and far less than what a digit more or less matters. */
const caution = 1e-6;

/**
 * Writes a share as JSON, in up to 20 bytes.
 * @returns where it ends; -1 for a number that is not in [2^-7, 1), which is not written
 */
export function writeShare(value: number, into: Uint8Array, start: number): number {
  if (!(value >= 0.0078125 && value < 1)) return -1;
  const isSmall = value < 0.0625;
  // The scaled number's neighbours are more than 1 away, so its nearest integer is read back as the same number.
  const scaled = value * (isSmall ? 1e18 : 1e17);
  const split = splitter * value;
  const high = split - (split - value);
  const low = value - high;
  const scaleHigh = isSmall ? high18 : high17;
  const scaleLow = isSmall ? low18 : low17;
  const error = high * scaleHigh - scaled + high * scaleLow + low * scaleHigh + low * scaleLow;
  let upper = Math.floor(scaled / lowerUnit);
  let lower = scaled - upper * lowerUnit + error;
  if (lower < 0) {
    upper--;
    lower += lowerUnit;
  }
  const tolerance = toleranceOf(value) - caution;
  let rounded = 0;
  if (lowerUnit - lower < tolerance) upper++;
  else if (lower >= tolerance) rounded = fewestDigits(lower, tolerance);
  let at = start;
  into[at++] = zero;
  into[at++] = 0x2e;
  if (isSmall) into[at++] = zero;
  const first = (upper / lowerUnit) | 0;
  into[at++] = zero + first;
  writeEight(upper - first * lowerUnit, into, at);
  at += 8;
  if (rounded > 0) {
    writeEight(rounded, into, at);
    at += 8;
  }
  while (into[at - 1] === zero) at--;
  return at;
}

/** How far the scaled number may be off and is still read back as the same: half the distance of its neighbours. */
function toleranceOf(value: number): number {
  if (value >= 0.25) return value >= 0.5 ? 1e17 * 2 ** -54 : 1e17 * 2 ** -55;
  if (value >= 0.0625) return value >= 0.125 ? 1e17 * 2 ** -56 : 1e17 * 2 ** -57;
  if (value >= 0.03125) return 1e18 * 2 ** -58;
  return value >= 0.015625 ? 1e18 * 2 ** -59 : 1e18 * 2 ** -60;
}

/** The multiple of the highest power of ten that is near enough. */
function fewestDigits(lower: number, tolerance: number): number {
  let rounded = Math.round(lower);
  for (let unit = 10; ; unit *= 10) {
    const candidate = Math.round(lower / unit) * unit;
    if (Math.abs(candidate - lower) >= tolerance) return rounded;
    rounded = candidate;
  }
}

function writeEight(integer: number, into: Uint8Array, at: number): void {
  const high = (integer / 10_000) | 0;
  writeFour(high, into, at);
  writeFour((integer - high * 10_000) | 0, into, at + 4);
}

function writeFour(integer: number, into: Uint8Array, at: number): void {
  const high = 2 * ((integer / 100) | 0);
  const low = 2 * integer - 100 * high;
  into[at] = pairs[high];
  into[at + 1] = pairs[high + 1];
  into[at + 2] = pairs[low];
  into[at + 3] = pairs[low + 1];
}

function halves(value: number): [high: number, low: number] {
  const split = splitter * value;
  const high = split - (split - value);
  return [high, value - high];
}
