import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parsePath } from "../emulator/arm/ids";
import type { CoverageRow } from "../emulator/coverage";

const namespace = "Microsoft.MachineLearningServices";

/**
 * Adds what the installed SDK of Azure ML can ask for and the local cloud does not have, so that a hole cannot be left out
 * of the table; actions get the spelling of the SDK.
 */
export async function withSdkOperations(rows: readonly CoverageRow[]): Promise<CoverageRow[]> {
  const known = new Map(rows.map((row) => [keyOf(row.subject, row.operation), row]));
  const found = new Map<string, CoverageRow>();
  for (const { subject, operation } of await sdkOperations()) {
    const key = keyOf(subject, operation);
    const row = known.get(key);
    found.set(key, row ? { ...row, subject, operation } : { subject, operation, state: "refused" });
  }
  const others = rows.filter((row) => !found.has(keyOf(row.subject, row.operation)));
  return [...others, ...found.values()];
}

function keyOf(subject: string, operation: string): string {
  return `${subject} ${operation}`.toLowerCase();
}

/** From the descriptions of requests in the SDK's own code. */
async function sdkOperations(): Promise<{ subject: string; operation: string }[]> {
  const sdk = dirname(require.resolve("@azure/arm-machinelearning/package.json"));
  const folder = join(sdk, "dist-esm", "src", "operations");
  const operations = [];
  for (const file of (await readdir(folder)).filter((name) => name.endsWith(".js"))) {
    const text = await readFile(join(folder, file), "utf8");
    for (const [, path = "", method = ""] of text.matchAll(/path: "([^"]+)",\s*httpMethod: "(\w+)"/g))
      operations.push(...named(path, method));
  }
  return operations;
}

function named(path: string, method: string): { subject: string; operation: string }[] {
  const target = parsePath(path.replace(/\{(\w+)\}/g, "$1"));
  if (!target || !target.type.startsWith(`${namespace}/workspaces`)) return [];
  const isAction = target.kind === "collection" && method === "POST";
  const type = isAction ? target.type.split("/").slice(0, -1).join("/") : target.type;
  if (isAction) return [{ subject: type, operation: `POST ${target.lastSegment}` }];
  return [{ subject: type, operation: target.kind === "collection" && method === "GET" ? "LIST" : method }];
}
