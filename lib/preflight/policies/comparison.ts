import { Untold } from "./untold";

/** Text of a value for comparisons, which Azure Policy makes in any case. */
export function lower(value: unknown): string {
  return (typeof value === "string" ? value : JSON.stringify(value ?? "")).toLowerCase();
}

export function isEqual(a: unknown, b: unknown): boolean {
  return lower(a) === lower(b);
}

/** Numbers by size; text, and dates with it, by its letters. */
export function compared(a: unknown, b: unknown, isMet: (order: number) => boolean): boolean | Untold {
  if (typeof a === "number" && typeof b === "number") return isMet(a - b);
  if (typeof a === "string" && typeof b === "string") {
    const [x, y] = [a.toLowerCase(), b.toLowerCase()];
    return isMet(x < y ? -1 : x > y ? 1 : 0);
  }
  return new Untold(`${JSON.stringify(a)} and ${JSON.stringify(b)} are of two kinds`);
}

/** At most one `*` stands for any characters. */
export function isLike(value: unknown, pattern: unknown): boolean {
  const [start = "", ...end] = lower(pattern).split("*");
  const text = lower(value);
  if (end.length === 0) return text === start;
  const tail = end.join("*");
  return text.length >= start.length + tail.length && text.startsWith(start) && text.endsWith(tail);
}

/** `#` stands for a digit, `?` for a letter, `.` for any character. */
export function isMatch(value: unknown, pattern: unknown, flags: "" | "i"): boolean {
  const signs: Readonly<Record<string, string>> = { "#": "\\d", "?": "[a-zA-Z]", ".": "." };
  const text = [...String(pattern)].map((sign) => signs[sign] ?? sign.replace(/[^\w]/, "\\$&")).join("");
  return new RegExp(`^${text}$`, flags).test(String(value));
}

export function hasKey(value: unknown, key: unknown): boolean {
  return Object.keys(value ?? {}).some((one) => isEqual(one, key));
}

export function isContained(within: unknown, part: unknown): boolean {
  return Array.isArray(within) ? within.some((one) => isEqual(one, part)) : lower(within).includes(lower(part));
}

/** What an object has by a name, in any case. */
export function entryOf<T>(entries: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.entries(entries).find(([key, value]) => value !== undefined && isEqual(key, name))?.[1];
}

/** Names of regions are the same with and without spaces. */
export function withoutSpaces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSpaces);
  return typeof value === "string" ? value.replaceAll(" ", "") : value;
}
