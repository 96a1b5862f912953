import { valuesOf, type Values } from "../../values";
import { compared, entryOf, hasKey, isContained, isEqual, isLike, isMatch, lower, withoutSpaces } from "./comparison";
import { evaluated, type Surroundings } from "./expression";
import { everyHolds, Untold, untoldAmong } from "./untold";

/** Whether a condition holds, and what of the resource makes it so; `undefined` where it cannot be told, and why. */
export type Verdict = { holds: boolean; because: Reason[] } | { holds: undefined; why: string };

export interface Reason {
  /** Field of the condition; undefined for what a value or a count says. */
  field?: string;
  /** Such as `location is "eastus2" (notIn ["westeurope"])`. */
  text: string;
}

/** What conditions are evaluated against. */
export interface Subject extends Surroundings {
  /** The same for the condition of a count, whose current element is one of the list's. @param name of a field's list, or of a value */
  withCurrent(name: string, element: unknown): Subject;
}

type Operator = (value: unknown, expected: unknown) => boolean | Untold;

/** None of them is met by what is not set. */
const positive: Readonly<Record<string, Operator>> = {
  equals: isEqual,
  like: isLike,
  match: (value, pattern) => isMatch(value, pattern, ""),
  matchInsensitively: (value, pattern) => isMatch(value, pattern, "i"),
  contains: isContained,
  in: (value, list) => (Array.isArray(list) ? list.some((one) => isEqual(value, one)) : isEqual(value, list)),
  containsKey: hasKey,
};
/** The opposite of each has `not` before its name. */
const negative = Object.fromEntries(
  Object.entries(positive).map(([name, operator]): [string, Operator] => [
    `not${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    (value, expected) => value === undefined || operator(value, expected) !== true,
  ]),
);
const ordering: Readonly<Record<string, Operator>> = {
  less: (a, b) => compared(a, b, (order) => order < 0),
  lessOrEquals: (a, b) => compared(a, b, (order) => order <= 0),
  greater: (a, b) => compared(a, b, (order) => order > 0),
  greaterOrEquals: (a, b) => compared(a, b, (order) => order >= 0),
};
const exists: Operator = (value, expected) => (value !== undefined && value !== null) === (lower(expected) === "true");
const operators = new Map(
  Object.entries({ ...positive, ...negative, ...ordering, exists }).map(([name, one]) => [name.toLowerCase(), one]),
);

/** Evaluates the `if` of a policy's rule: https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-policy-rule */
export function verdictOf(condition: unknown, subject: Subject): Verdict {
  const parts = valuesOf(condition);
  const [allOf, anyOf, not] = ["allOf", "anyOf", "not"].map((name) => entryOf(parts, name));
  if (Array.isArray(allOf)) return all(allOf.map((one) => verdictOf(one, subject)));
  if (Array.isArray(anyOf)) return any(anyOf.map((one) => verdictOf(one, subject)));
  if (not !== undefined) return opposite(verdictOf(not, subject));
  return leaf(parts, subject);
}

function all(verdicts: readonly Verdict[]): Verdict {
  return decided(verdicts, false) ?? { holds: true, because: verdicts.flatMap(reasonsOf) };
}

function any(verdicts: readonly Verdict[]): Verdict {
  return decided(verdicts, true) ?? { holds: false, because: verdicts.flatMap(reasonsOf) };
}

/** What one verdict alone decides, and else what is untold. */
function decided(verdicts: readonly Verdict[], by: boolean): Verdict | undefined {
  return verdicts.find(({ holds }) => holds === by) ?? verdicts.find(({ holds }) => holds === undefined);
}

function opposite(verdict: Verdict): Verdict {
  return verdict.holds === undefined ? verdict : { ...verdict, holds: !verdict.holds };
}

function reasonsOf(verdict: Verdict): Reason[] {
  return verdict.holds === undefined ? [] : verdict.because;
}

function leaf(parts: Values, subject: Subject): Verdict {
  const [name, expected] = Object.entries(parts).find(([key]) => operators.has(key.toLowerCase())) ?? [];
  const operator = operators.get(name?.toLowerCase() ?? "");
  if (name === undefined || !operator) return { holds: undefined, why: `${shown(parts)} is not understood here` };
  const wanted = evaluated(expected, subject);
  const left = leftOf(parts, subject);
  const untold = untoldAmong([left, left instanceof Untold ? undefined : left.value, wanted]);
  if (untold || left instanceof Untold) return { holds: undefined, why: (untold ?? (left as Untold)).why };
  const { what, field, value } = left;
  // Azure does not say whether what is absent counts as an empty text.
  if (value === undefined && wanted === "")
    return { holds: undefined, why: `whether ${what}, which is not set, is taken for empty is not known` };
  const isRegion = field?.toLowerCase() === "location";
  const met = compare(
    operator,
    isRegion ? withoutSpaces(value) : value,
    isRegion ? withoutSpaces(wanted) : wanted,
    field,
  );
  if (met instanceof Untold) return { holds: undefined, why: met.why };
  const is = value === undefined ? "is not set" : `is ${shown(value)}`;
  const text = `${what} ${is} (${met ? "" : "not: "}${name} ${shown(wanted)})`;
  return { holds: met, because: [{ field, text }] };
}

interface Left {
  /** For people. */
  what: string;
  field?: string;
  value: unknown;
}

/** What a condition is about: a field, a value, or how many elements of a list there are. */
function leftOf(parts: Values, subject: Subject): Left | Untold {
  const field = evaluated(entryOf(parts, "field"), subject);
  if (field instanceof Untold) return field;
  if (typeof field === "string") return { what: field, field, value: subject.field(field) };
  const count = entryOf(parts, "count");
  if (count !== undefined) return { what: `the count of ${shown(count)}`, value: counted(valuesOf(count), subject) };
  const value = entryOf(parts, "value");
  return { what: typeof value === "string" ? value : shown(value), value: evaluated(value, subject) };
}

/** A condition on the elements of a list is one on each of them. */
function compare(operator: Operator, value: unknown, wanted: unknown, field = ""): boolean | Untold {
  const isAsked = operator === exists || Object.values(negative).includes(operator);
  if (!field.includes("[*]") || !Array.isArray(value))
    return value === undefined && !isAsked ? false : operator(value, wanted);
  return everyHolds(value.map((one) => compare(operator, one, wanted)));
}

function counted(count: Values, subject: Subject): number | Untold {
  const [field, given, where] = ["field", "name", "where"].map((name) => entryOf(count, name));
  const list = typeof field === "string" ? subject.field(field) : evaluated(entryOf(count, "value"), subject);
  if (list instanceof Untold) return list;
  const elements = Array.isArray(list) ? (list as unknown[]) : [];
  if (where === undefined) return elements.length;
  const name = [field, given].find((one) => typeof one === "string") ?? "";
  const verdicts = elements.map((element) => verdictOf(where, subject.withCurrent(name, element)));
  const untold = verdicts.find((one) => one.holds === undefined);
  return untold ? new Untold(untold.why) : verdicts.filter(({ holds }) => holds).length;
}

const longest = 160;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
