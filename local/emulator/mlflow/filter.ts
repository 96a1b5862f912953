import type { Run } from "./runs";

/** One comparison of a search filter, such as `tags.mlflow.parentRunId = 'x'`. */
interface Condition {
  entity: "tags" | "params" | "metrics" | "attributes";
  key: string;
  comparator: "=" | "!=" | ">" | ">=" | "<" | "<=";
  value: string;
}

const comparison =
  /^\s*(tags?|params?|parameters?|metrics?|attributes?)\.(?:"([^"]+)"|`([^`]+)`|([\w.]+))\s*(=|!=|>=|<=|>|<)\s*(?:'([^']*)'|"([^"]*)"|([-\w.]+))\s*$/i;

/** Conditions joined by AND; Azure ML knows no OR. @throws Error for another syntax */
export function parseFilter(filter: string): Condition[] {
  if (filter.trim() === "") return [];
  return filter.split(/\s+and\s+/i).map((part) => {
    const match = comparison.exec(part);
    if (!match)
      throw new Error(`Invalid clause in filter string: '${part.trim()}'. Comparisons joined by AND are supported.`);
    const [, entity = "", quoted, ticked, plain, comparator = "=", single, double, bare] = match;
    return {
      entity: entityOf(entity),
      key: quoted ?? ticked ?? plain ?? "",
      comparator: comparator as Condition["comparator"],
      value: single ?? double ?? bare ?? "",
    };
  });
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
      return run.metrics[key]?.value;
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
