import { createHash } from "node:crypto";
import { parse } from "node:path";
import type { ParsedJob } from "./spec";

/** SHA-256 of JSON with sorted keys, 10 hex digits: equal content, equal hash, whatever the order of keys. */
export function jobHash(...content: readonly unknown[]): string {
  return createHash("sha256").update(canonical(content)).digest("hex").slice(0, 10);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

/** A base for job names from a file or a title: at most 40 of [a-zA-Z0-9_-], beginning with a letter or a digit. */
function jobBaseName(title: string): string {
  const name = title.replace(/[^a-zA-Z0-9_-]+/g, "-").replace(/^[^a-zA-Z0-9]+/, "");
  return (name || "job").slice(0, 40);
}

/** What a job of a stack is called: its own name, else its title, else its file's. A renamed file is the same job. */
export function titleOf({ file, spec }: ParsedJob): string {
  return jobBaseName(spec.name ?? spec.display_name ?? parse(file).name);
}
