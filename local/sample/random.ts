/** A seeded source of numbers (mulberry32): the same seed gives the same sequence on every machine. */
export interface Random {
  /** Uniform in [low, high). */
  number(low: number, high: number): number;
  /** Whole, from low to high, both included. */
  integer(low: number, high: number): number;
  pick<T>(items: readonly T[]): T;
}

// Looked up once: some hosts of this code, test runners among them, make each look-up of a global cost more than the arithmetic.
const { floor, imul } = Math;

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const number = (low: number, high: number) => low + next() * (high - low);
  const integer = (low: number, high: number) => floor(number(low, high + 1));
  return { number, integer, pick: (items) => items[integer(0, items.length - 1)] };
}
