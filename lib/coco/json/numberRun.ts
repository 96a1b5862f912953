/*
 * Polygons are nearly all bytes of an instances file. A table of states, with one step a byte, checks their numbers as
 * strictly as a parser and several times as fast. A second table takes two bytes a step.
 */

const byteClasses = {
  other: 0,
  zero: 1,
  digit: 2,
  minus: 3,
  plus: 4,
  dot: 5,
  exponent: 6,
  comma: 7,
  space: 8,
} as const;
const states = {
  stopped: 0,
  wanted: 1,
  afterMinus: 2,
  afterZero: 3,
  integer: 4,
  afterDot: 5,
  fraction: 6,
  afterE: 7,
  afterSign: 8,
  exponent: 9,
  done: 10,
} as const;
type ByteClass = keyof typeof byteClasses;
type State = keyof typeof states;

const characters: Partial<Record<ByteClass, string>> = {
  zero: "0",
  digit: "123456789",
  minus: "-",
  plus: "+",
  dot: ".",
  exponent: "eE",
  comma: ",",
  space: " \t\r\n",
};
const classBits = 4;
const classOf = new Uint8Array(256);
for (const [byteClass, bytes] of Object.entries(characters)) {
  for (const byte of Buffer.from(bytes)) classOf[byte] = byteClasses[byteClass as ByteClass];
}

const grammar: Partial<Record<State, Partial<Record<ByteClass, State>>>> = {
  wanted: { space: "wanted", minus: "afterMinus", zero: "afterZero", digit: "integer" },
  afterMinus: { zero: "afterZero", digit: "integer" },
  afterZero: { dot: "afterDot", exponent: "afterE", comma: "wanted", space: "done" },
  integer: { zero: "integer", digit: "integer", dot: "afterDot", exponent: "afterE", comma: "wanted", space: "done" },
  afterDot: { zero: "fraction", digit: "fraction" },
  fraction: { zero: "fraction", digit: "fraction", exponent: "afterE", comma: "wanted", space: "done" },
  afterE: { plus: "afterSign", minus: "afterSign", zero: "exponent", digit: "exponent" },
  afterSign: { zero: "exponent", digit: "exponent" },
  exponent: { zero: "exponent", digit: "exponent", comma: "wanted", space: "done" },
  done: { space: "done", comma: "wanted" },
};
const nextState = new Uint8Array(Object.keys(states).length << classBits);
/** 1 for the states in which a number, or the white space behind it, can end. */
const isEnd = new Uint8Array(Object.keys(states).length);
for (const [state, steps] of Object.entries(grammar)) {
  for (const [byteClass, then] of Object.entries(steps)) {
    nextState[(states[state as State] << classBits) | byteClasses[byteClass as ByteClass]] = states[then];
  }
  isEnd[states[state as State]] = steps.comma ? 1 : 0;
}

/** The state after two bytes, as a number of 16 bits in this machine's order. */
const pairBits = 16;
const nextStateOfPair = new Uint8Array(Object.keys(states).length << pairBits);
const two = new Uint8Array(2);
const asPair = new Uint16Array(two.buffer);
const bytesInRuns = Object.values(characters).flatMap((bytes) => [...Buffer.from(bytes)]);
for (const state of Object.values(states)) {
  for (two[0] of bytesInRuns) {
    const between = nextState[(state << classBits) | classOf[two[0]]];
    for (two[1] of bytesInRuns) {
      nextStateOfPair[(state << pairBits) | asPair[0]] = nextState[(between << classBits) | classOf[two[1]]];
    }
  }
}

/**
 * What a list of numbers is made of: the state after a byte is `nextState[(state << classBits) | classOf[byte]]`, the state
 * after a pair is `nextStateOfPair[(state << pairBits) | pair]`, and 0 is none.
 */
export const numberRun = {
  nextState,
  classOf,
  classBits,
  nextStateOfPair,
  pairBits,
  isEnd,
  wanted: states.wanted as number,
  afterMinus: states.afterMinus as number,
};
