import { ArmError } from "../contracts";

export type Value = string | number | boolean;

/** A parsed expression of a search space: a plain value, a choice, or a distribution with its arguments. */
export type Expression =
  | { kind: "value"; value: Value }
  | { kind: "choice"; values: Value[] }
  | { kind: "distribution"; name: string; args: number[] };

const argumentCounts: Record<string, number> = {
  uniform: 2,
  loguniform: 2,
  quniform: 3,
  qloguniform: 3,
  normal: 2,
  lognormal: 2,
  qnormal: 3,
  qlognormal: 3,
  randint: 1,
};

/** Reads `choice('a','b')`, `uniform(0.1,0.2)` or a plain value. @throws ArmError 400 */
export function parseExpression(text: string, target: string): Expression {
  const wrong = (message: string) =>
    new ArmError(400, "UserError", `The search space expression '${text}' is invalid: ${message}`, target);
  const [, name, inner = ""] = /^(\w+)\((.*)\)$/.exec(text.trim()) ?? [];
  if (!name) {
    if (text.trim() === "" || /[()]/.test(text)) throw wrong("a value or NAME(ARGUMENTS) is wanted.");
    return { kind: "value", value: parseValue(text.trim()) };
  }
  const parts = inner.match(/'[^']*'|"[^"]*"|[^,]+/g)?.map((part) => part.trim()) ?? [];
  if (name === "choice") {
    if (parts.length === 0) throw wrong("choice needs a value.");
    return { kind: "choice", values: parts.map(parseValue) };
  }
  const count = argumentCounts[name];
  if (count === undefined) throw wrong(`'${name}' is not one of choice, ${Object.keys(argumentCounts).join(", ")}.`);
  const args = parts.map(Number);
  if (args.length !== count || args.some((arg) => !Number.isFinite(arg)))
    throw wrong(`${name} takes ${count} numbers.`);
  const [first = 0, second = 0, step = 1] = args;
  if (name === "randint" && !(Number.isInteger(first) && first > 0))
    throw wrong("randint takes a whole number above 0.");
  if (/uniform$/.test(name) && first > second) throw wrong("the second number must not be below the first.");
  if (/normal$/.test(name) && second <= 0) throw wrong("the second number, a deviation, must be above 0.");
  if (count === 3 && step <= 0) throw wrong("the third number, a step, must be above 0.");
  return { kind: "distribution", name, args };
}

function parseValue(text: string): Value {
  const [, quoted] = /^'(.*)'$|^"(.*)"$/.exec(text) ?? [];
  if (quoted !== undefined) return quoted;
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
  return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** Draws from a distribution; `uniform` gives numbers in [0, 1). */
export function draw(expression: Expression, uniform: () => number): Value {
  if (expression.kind === "value") return expression.value;
  if (expression.kind === "choice") return expression.values[Math.floor(uniform() * expression.values.length)];
  const { name, args } = expression;
  const [a = 0, b = 0, q = 1] = args;
  const normal = () => a + b * Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const flat = () => a + (b - a) * uniform();
  const stepped = (value: number) => Math.round(value / q) * q;
  switch (name) {
    case "uniform":
      return flat();
    case "quniform":
      return stepped(flat());
    case "loguniform":
      return Math.exp(flat());
    case "qloguniform":
      return stepped(Math.exp(flat()));
    case "normal":
      return normal();
    case "qnormal":
      return stepped(normal());
    case "lognormal":
      return Math.exp(normal());
    case "qlognormal":
      return stepped(Math.exp(normal()));
    default:
      return Math.floor(uniform() * a);
  }
}
