import { distributions, parameters, type ParameterKind } from "./parameters";
import { isDistribution } from "./modelSettings";
import type { Distribution, Scalar, SearchSpaceEntry } from "./spec";

/**
 * One entry of the search space as the service wants it: every value is a string, such as `uniform(0.0001,0.01)`,
 * `choice('sgd','adam')`, `choice(True,False)` or `yolov5`; no blanks, no scientific notation.
 */
export function searchSpaceEntry(entry: SearchSpaceEntry): Record<string, string> {
  return Object.fromEntries(
    Object.entries(entry).map(([name, value]) => {
      const { rest, kind } = parameters[name] ?? { rest: name, kind: "string" as const };
      return [rest, isDistribution(value) ? distribution(value, kind) : scalar(value, kind)];
    }),
  );
}

function distribution(value: Distribution, kind: ParameterKind): string {
  const given =
    value.type === "choice"
      ? (value.values ?? []).map((item) => (typeof item === "string" ? `'${item}'` : scalar(item, kind)))
      : // Arguments are floats whatever the parameter is, but for the bound of randint.
        (distributions[value.type]?.arguments ?? []).map((name) =>
          scalar(value[name] as Scalar, value.type === "randint" ? "integer" : kind),
        );
  return `${value.type}(${given.join(",")})`;
}

function scalar(value: Scalar, kind: ParameterKind): string {
  if (kind === "boolean" || typeof value === "boolean") return value ? "True" : "False";
  return typeof value === "number" ? plainNumber(value, kind === "float") : value;
}

/** A number written out: 1e-05 is 0.00001; a whole float keeps its point, 1.0. */
export function plainNumber(value: number, float: boolean): string {
  const text = String(value);
  const [mantissa = "", exponent] = text.split("e");
  if (exponent === undefined) return float && Number.isInteger(value) ? `${text}.0` : text;
  const negative = mantissa.startsWith("-");
  const [whole = "", fraction = ""] = mantissa.replace("-", "").split(".");
  const point = whole.length + Number(exponent);
  const digits = whole + fraction;
  const body =
    point <= 0
      ? `0.${"0".repeat(-point)}${digits}`
      : point >= digits.length
        ? `${digits.padEnd(point, "0")}${float ? ".0" : ""}`
        : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return (negative ? "-" : "") + body;
}
