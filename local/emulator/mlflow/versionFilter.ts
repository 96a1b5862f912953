import { invalid } from "./errors";

export interface Searched {
  name: string;
  run_id?: string;
  version_number?: string;
  tags: Record<string, string>;
}

/** One comparison, and the AND behind it when another follows. */
const comparison =
  /\s*(?:(tags?)\.)?(?:`([^`]+)`|"([^"]+)"|([\w.]+))\s*(=|!=|ilike|like)\s*'([^']*)'(?:\s+and\s+(?=\S)|\s*$)/iy;

/** Whether a model or a version meets a filter of the registry: comparisons joined by AND. @throws MlflowError 400 */
export function versionMatches(filter: string, searched: Searched): boolean {
  const text = filter.trimEnd();
  comparison.lastIndex = 0;
  let all = true;
  for (let at = 0; at < text.length; at = comparison.lastIndex) {
    const match = comparison.exec(text);
    if (!match) throw invalid(`Invalid clause in filter string: '${text.slice(at).trim()}'.`);
    const [, entity, ticked, quoted, plain, comparator = "=", value = ""] = match;
    const key = ticked ?? quoted ?? plain ?? "";
    all &&= compare(entity ? searched.tags[key] : attributeOf(searched, key), comparator.toLowerCase(), value);
  }
  return all;
}

function attributeOf(searched: Searched, key: string): string | undefined {
  if (key === "name" || key === "run_id" || key === "version_number") return searched[key];
  throw invalid(`Invalid attribute key '${key}'. Valid ones are name, run_id, version_number.`);
}

function compare(actual: string | undefined, comparator: string, value: string): boolean {
  switch (comparator) {
    case "=":
      return actual === value;
    case "!=":
      return actual !== value;
    default: {
      const pattern = value.split("%").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
      return new RegExp(`^${pattern.join(".*")}$`, comparator === "ilike" ? "i" : "").test(actual ?? "");
    }
  }
}
