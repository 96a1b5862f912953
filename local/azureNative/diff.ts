import { isDeepStrictEqual } from "node:util";
import { pathArguments, type ResourceType } from "../resourceTypes";
import { isMap, type Properties } from "./values";

export type ChangeKind = "add" | "delete" | "update";

export interface Change {
  kind: ChangeKind;
  replaces: boolean;
}

/** Differences of old and new inputs by path (`a.b[0].c`), each with whether it makes a new resource. */
export function diffInputs(type: ResourceType, olds: Properties, news: Properties): Map<string, Change> {
  const changes = new Map<string, Change>();
  const forced = [...pathArguments(type), ...(type.replaceOn ?? [])];
  const note = (path: string, kind: ChangeKind) => {
    const dotted = path.replace(/\[\d+\]/g, "");
    const replaces = forced.some((name) => dotted === name || dotted.startsWith(`${name}.`));
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
