import { CommandError } from "./commandError";
import { isMap } from "../../maps";
import { kinds, type ClusterObject } from "./kinds";

/** What `kubectl get` writes: JSON, names, or a table. */
export function printed(objects: readonly ClusterObject[], output: string, single: boolean, namespace: string): string {
  switch (output) {
    case "json":
      if (single) return objects.length === 0 ? "" : JSON.stringify(objects[0], null, 4);
      return JSON.stringify(
        { apiVersion: "v1", items: objects, kind: "List", metadata: { resourceVersion: "" } },
        null,
        4,
      );
    case "name":
      return objects.map((object) => `${kindOf(object).singular}/${object.metadata.name}`).join("\n");
    case "":
      return tables(objects, namespace);
    default:
      if (output.startsWith("jsonpath=")) return valueAt(objects, output.slice("jsonpath=".length));
      throw new CommandError(
        `error: the output format ${output} is not in the local cloud, which has json, name, jsonpath of one value and the table`,
      );
  }
}

/** The value at a path of names, such as {.data.cert\\.pem}; nothing where there is none. */
function valueAt([object]: readonly ClusterObject[], path: string): string {
  const names = /^\{\.((?:\\.|[^\\[\]{}()*?@'"])+)\}$/.exec(path)?.[1]?.split(/(?<!\\)\./);
  if (!names) throw new CommandError(`error: the path ${path} is not in the local cloud, which has {.NAME.NAME}`);
  const value = names
    .map((name) => name.replaceAll("\\.", "."))
    .reduce<unknown>((inner, name) => (isMap(inner) ? inner[name] : undefined), object);
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function tables(objects: readonly ClusterObject[], namespace: string): string {
  if (objects.length === 0)
    return namespace === "" ? "No resources found" : `No resources found in ${namespace} namespace.`;
  const kindsThere = kinds.filter(({ kind }) => objects.some((object) => object.kind === kind));
  return kindsThere
    .map(({ kind, singular, namespaced }) => {
      const rows = objects
        .filter((object) => object.kind === kind)
        .map(({ metadata, status }) => [
          ...(namespaced && namespace === "" ? [metadata.namespace ?? ""] : []),
          kindsThere.length > 1 ? `${singular}/${metadata.name}` : metadata.name,
          ...(kind === "Namespace" ? [(status as { phase?: string } | undefined)?.phase ?? ""] : []),
          ageOf(metadata.creationTimestamp),
        ]);
      const head = [
        ...(namespaced && namespace === "" ? ["NAMESPACE"] : []),
        "NAME",
        ...(kind === "Namespace" ? ["STATUS"] : []),
        "AGE",
      ];
      const lines = [head, ...rows];
      const widths = head.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
      return lines
        .map((line) =>
          line
            .map((cell, index) => cell.padEnd((widths[index] ?? 0) + 3))
            .join("")
            .trimEnd(),
        )
        .join("\n");
    })
    .join("\n\n");
}

function ageOf(created: string | undefined): string {
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(created ?? "")) / 1000));
  if (!Number.isFinite(seconds)) return "<unknown>";
  if (seconds < 120) return `${seconds}s`;
  return seconds < 7200 ? `${Math.floor(seconds / 60)}m` : `${Math.floor(seconds / 3600)}h`;
}

function kindOf({ kind }: ClusterObject) {
  return kinds.find((one) => one.kind === kind) ?? { singular: kind.toLowerCase() };
}
