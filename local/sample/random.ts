import { mulberry32 } from "../../lib/random";

/** A seeded source of numbers: the same seed gives the same sequence on every machine. */
export interface Random {
  /** Uniform in [low, high). */
  number(low: number, high: number): number;
  /** Whole, from low to high, both included. */
  integer(low: number, high: number): number;
  pick<T>(items: readonly T[]): T;
}

// Looked up once, as in lib/random.ts.
const { floor } = Math;

export function seededRandom(seed: number): Random {
  const next = mulberry32(seed);
  const number = (low: number, high: number) => low + next() * (high - low);
  const integer = (low: number, high: number) => floor(number(low, high + 1));
  return { number, integer, pick: (items) => items[integer(0, items.length - 1)] };
}
