import { parameters } from "./parameters";
import type { Distribution, SearchScalar, SearchSpaceEntry } from "./spec";

/**
 * One entry of the search space as the service wants it: every value is a string, such as `uniform(0.0001,0.01)`,
 * `choice('sgd','adam')`, `choice(True,False)` or `yolov5`; no blanks, no scientific notation. The strings are those of
 * azure-ai-ml's search_space_utils.py to the letter; a text is not escaped there either.
 */
export function searchSpaceEntry(entry: SearchSpaceEntry): Record<string, string> {
  return Object.fromEntries(
    Object.entries(entry).map(([name, value]) => [
      parameters[name]?.rest ?? name,
      typeof value === "object" ? distribution(value) : scalar(value),
    ]),
  );
}

function distribution({ type, values }: Distribution): string {
  return `${type}(${values.map((value) => (typeof value === "string" ? `'${value}'` : scalar(value))).join(",")})`;
}

function scalar(value: SearchScalar): string {
  switch (typeof value) {
    case "boolean":
      return value ? "True" : "False";
    case "number":
      return plainFloat(value);
    default:
      return String(value);
  }
}

/**
 * A float written out: 1e-05 is 0.00001, and a whole one keeps its point, 1.0. From 1e16 on Python writes an exponent, and
 * without it azure-ai-ml leaves no point: 10000000000000000.
 */
export function plainFloat(value: number): string {
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const [mantissa = "", exponent = "0"] = String(Math.abs(value)).split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (point < digits.length) return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
  return `${sign}${digits.padEnd(point, "0")}${Math.abs(value) < 1e16 ? ".0" : ""}`;
}
