import { isDeepStrictEqual } from "node:util";
import { isMap, type Properties } from "../maps";
import { pathArguments, type ResourceType } from "../resourceTypes";

export type ChangeKind = "add" | "delete" | "update";

export interface Change {
  kind: ChangeKind;
  replaces: boolean;
}

/**
 * Differences of old and new inputs by path (`a.b[0].c`), each with whether it makes a new resource.
 * @param state outputs: to give what the resource has already changes nothing of it
 */
export function diffInputs(
  type: ResourceType,
  olds: Properties,
  news: Properties,
  state: Properties = {},
): Map<string, Change> {
  const changes = new Map<string, Change>();
  const forced = [...pathArguments(type), ...(type.replaceOn ?? [])];
  const note = (path: string, kind: ChangeKind) => {
    const dotted = path.replace(/\[\d+\]/g, "");
    const isThere = kind === "add" && path in news && isDeepStrictEqual(news[path], state[path]);
    const replaces = !isThere && forced.some((name) => dotted === name || dotted.startsWith(`${name}.`));
    changes.set(path, { kind, replaces });
  };
  const walk = (before: unknown, after: unknown, path: string) => {
    if (isDeepStrictEqual(before, after)) return;
    if (path === "location" && sameLocation(before, after)) return;
    if (before === undefined) return note(path, "add");
    if (after === undefined) return note(path, "delete");
    if (isMap(before) && isMap(after)) {
      for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
        if (!key.startsWith("__")) walk(before[key], after[key], path ? `${path}.${key}` : key);
      }
    } else if (Array.isArray(before) && Array.isArray(after)) {
      for (let index = 0; index < Math.max(before.length, after.length); index++)
        walk(before[index], after[index], `${path}[${index}]`);
    } else note(path, "update");
  };
  walk(olds, news, "");
  return changes;
}

/** "East US 2" is "eastus2". */
function sameLocation(before: unknown, after: unknown): boolean {
  const plain = (value: unknown) => String(value).replaceAll(" ", "").toLowerCase();
  return plain(before) === plain(after);
}
