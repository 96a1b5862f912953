import { isDeepStrictEqual } from "node:util";

interface Described {
  jobName: string;
  baseName: string;
  body: Record<string, unknown>;
  forceToken: string;
  workspaceId: string;
}

const shownChanges = 8;

/** What a preview says of a job: that it stays, or what makes it another one. */
export function describeChanges(olds: Described, news: Described): string {
  const name = olds.jobName;
  if (name === news.jobName) return `Job ${name}: no retraining: inputs unchanged (hash ${name.split("-").at(-1)})`;
  const changes = differences(partsOf(olds), partsOf(news), "");
  const more = changes.length > shownChanges ? [`and ${changes.length - shownChanges} more`] : [];
  return [`Job ${name}: retraining:`, ...changes.slice(0, shownChanges), ...more].join("\n  ");
}

function partsOf({ body, baseName, workspaceId, forceToken }: Described): Record<string, unknown> {
  return { ...body, name: baseName, workspace: workspaceId, forceToken };
}

/** Each differing leaf as `path: old -> new`. */
function differences(before: unknown, after: unknown, path: string): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isContainer(before) && isContainer(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => differences(before[key], after[key], path ? `${path}.${key}` : key));
  }
  return [`${path}: ${show(before)} -> ${show(after)}`];
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function show(value: unknown): string {
  return value === undefined ? "(not set)" : JSON.stringify(value);
}
