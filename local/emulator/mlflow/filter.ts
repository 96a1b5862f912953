import type { Run } from "./runs";

/** One comparison of a search filter, such as `tags.mlflow.parentRunId = 'x'`. */
interface Condition {
  entity: "tags" | "params" | "metrics" | "attributes";
  key: string;
  comparator: "=" | "!=" | ">" | ">=" | "<" | "<=";
  value: string;
}

const attributes = new Set(["run_id", "status", "start_time", "end_time", "run_name"]);

/** One comparison, and the AND behind it when another follows. */
const comparison =
  /\s*(?:(tags?|params?|parameters?|metrics?|attributes?|attr|run)\.)?(?:"([^"]+)"|`([^`]+)`|([\w.]+))\s*(=|!=|>=|<=|>|<)\s*(?:'([^']*)'|"([^"]*)"|([-+\w.]+))(?:\s+and\s+(?=\S)|\s*$)/iy;

/** Conditions joined by AND; Azure ML knows no OR. @throws Error for another syntax */
export function parseFilter(filter: string): Condition[] {
  const conditions: Condition[] = [];
  const text = filter.trimEnd();
  comparison.lastIndex = 0;
  for (let at = 0; at < text.length; at = comparison.lastIndex) {
    const match = comparison.exec(text);
    if (!match)
      throw new Error(
        `Invalid clause in filter string: '${text.slice(at).trim()}'. Comparisons joined by AND are supported.`,
      );
    const [, entity = "attributes", quoted, ticked, plain, comparator = "=", single, double, bare] = match;
    const condition: Condition = {
      entity: entityOf(entity),
      key: quoted ?? ticked ?? plain ?? "",
      comparator: comparator as Condition["comparator"],
      value: single ?? double ?? bare ?? "",
    };
    assertComparable(condition);
    conditions.push(condition);
  }
  return conditions;
}

/** Metrics and times are numbers, which have an order; all else is text. */
function assertComparable({ entity, key, comparator, value }: Condition): void {
  if (entity === "attributes" && !attributes.has(key))
    throw new Error(`Invalid attribute key '${key}'. Valid ones are ${[...attributes].join(", ")}.`);
  const isNumber = entity === "metrics" || (entity === "attributes" && key.endsWith("_time"));
  if (isNumber && (value === "" || !Number.isFinite(Number(value))))
    throw new Error(`'${key}' is compared with '${value}'; a number is wanted.`);
  if (!isNumber && !["=", "!="].includes(comparator))
    throw new Error(`'${key}' is text, which is compared with = and !=, not ${comparator}.`);
}

function entityOf(word: string): Condition["entity"] {
  const plain = word.toLowerCase();
  if (plain.startsWith("tag")) return "tags";
  if (plain.startsWith("param")) return "params";
  return plain.startsWith("metric") ? "metrics" : "attributes";
}

export function matches(run: Run, conditions: readonly Condition[]): boolean {
  return conditions.every((condition) => {
    const actual = valueOf(run, condition);
    if (actual === undefined) return condition.comparator === "!=";
    const [left, right] = typeof actual === "number" ? [actual, Number(condition.value)] : [actual, condition.value];
    switch (condition.comparator) {
      case "=":
        return left === right;
      case "!=":
        return left !== right;
      case ">":
        return left > right;
      case ">=":
        return left >= right;
      case "<":
        return left < right;
      case "<=":
        return left <= right;
    }
  });
}

function valueOf(run: Run, { entity, key }: Condition): string | number | undefined {
  switch (entity) {
    case "tags":
      return run.tags[key];
    case "params":
      return run.params[key];
    case "metrics":
      return run.metrics[key] && Number(run.metrics[key].value);
    case "attributes":
      return {
        run_id: run.runId,
        status: run.status,
        start_time: run.startTime,
        end_time: run.endTime,
        run_name: run.name,
      }[key];
  }
}
