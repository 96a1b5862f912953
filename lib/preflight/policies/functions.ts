import { compared, isEqual, lower } from "./comparison";

type Arguments = readonly unknown[];

/** Functions of policies whose value is told by their arguments, by their names in lower case. */
export const functions: Readonly<Record<string, ((args: Arguments) => unknown) | undefined>> = {
  concat: (args) => (Array.isArray(args[0]) ? args.flat() : args.map(textOf).join("")),
  tolower: ([text]) => textOf(text).toLowerCase(),
  toupper: ([text]) => textOf(text).toUpperCase(),
  trim: ([text]) => textOf(text).trim(),
  string: ([value]) => (typeof value === "string" ? value : JSON.stringify(value)),
  bool: ([value]) => lower(value) === "true",
  int: ([value]) => Math.trunc(Number(value)),
  replace: ([text, from, to]) => textOf(text).replaceAll(textOf(from), textOf(to)),
  split: ([text, by]) => textOf(text).split(textOf(by)),
  startswith: ([text, start]) => lower(text).startsWith(lower(start)),
  endswith: ([text, end]) => lower(text).endsWith(lower(end)),
  createarray: (args) => [...args],
  empty: ([value]) => lengthOf(value) === 0,
  length: ([value]) => lengthOf(value),
  first: ([value]) => (Array.isArray(value) ? (value as unknown[])[0] : textOf(value).slice(0, 1)),
  last: ([value]) => (Array.isArray(value) ? (value as unknown[]).at(-1) : textOf(value).slice(-1)),
  contains: ([within, what]) =>
    Array.isArray(within) ? within.some((one) => isEqual(one, what)) : textOf(within).includes(textOf(what)),
  equals: ([a, b]) => isEqual(a, b),
  not: ([value]) => value !== true,
  and: (args) => args.every((one) => one === true),
  or: (args) => args.some((one) => one === true),
  less: ([a, b]) => compared(a, b, (order) => order < 0),
  lessorequals: ([a, b]) => compared(a, b, (order) => order <= 0),
  greater: ([a, b]) => compared(a, b, (order) => order > 0),
  greaterorequals: ([a, b]) => compared(a, b, (order) => order >= 0),
  add: ([a, b]) => Number(a) + Number(b),
  sub: ([a, b]) => Number(a) - Number(b),
};

function textOf(value: unknown): string {
  return typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value);
}

function lengthOf(value: unknown): number {
  if (value === undefined || value === null) return 0;
  if (typeof value === "string" || Array.isArray(value)) return value.length;
  return typeof value === "object" ? Object.keys(value).length : 1;
}
