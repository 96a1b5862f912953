import { typeAndName, type Step } from "./digest";
import { code, plain, table, type Section } from "./markdown";

export type Kind = "replaced" | "deleted" | "created" | "updated" | "imported";

/** A resource that changes. */
export interface Change {
  kind: Kind;
  type: string;
  name: string;
  /** Properties that make the difference. */
  because: string[];
  isProtected: boolean;
}

const kinds: Readonly<Record<string, Kind>> = {
  replace: "replaced",
  "create-replacement": "replaced",
  delete: "deleted",
  create: "created",
  update: "updated",
  import: "imported",
};

/** Types whose deletion takes something along that nobody can make again. */
const keeps: Readonly<Record<string, string>> = {
  "azure-native:resources:ResourceGroup": "everything in it",
  "azure-native:storage:StorageAccount": "images, data assets and models",
  "azure-native:storage:BlobContainer": "its blobs",
  "azure-native:keyvault:Vault": "its secrets",
  "azure-native:machinelearningservices:Workspace": "jobs, models and data assets",
  "azure-native:machinelearningservices:LabelingJob": "labels",
  "azure-native:machinelearningservices:OnlineEndpoint": "its address and keys",
  "azure-native:operationalinsights:Workspace": "logs",
};

/** Resources that change, one entry each; the stack itself and components change with what is in them. */
export function changesOf(steps: readonly Step[]): Change[] {
  const found = new Map<string, Change>();
  for (const step of steps) {
    const kind = kinds[step.op];
    const state = step.newState ?? step.oldState;
    if (!kind || found.has(step.urn) || state?.custom === false) continue;
    const { type, name } = typeAndName(step.urn);
    // Old parts of a replacement are told with the new one.
    // The engine gives them in no order.
    const reasons = step.replaceReasons?.length ? step.replaceReasons : Object.keys(step.detailedDiff ?? {});
    const because = [...new Set(reasons)].sort();
    found.set(step.urn, { kind, type, name, because, isProtected: step.oldState?.protect === true });
  }
  return [...found.values()];
}

/** What is replaced or deleted, the irreplaceable first. */
export function endangered(changes: readonly Change[]): Section[] {
  const rows = changes
    .filter(({ kind }) => kind === "replaced" || kind === "deleted")
    .sort((a, b) => Number(b.type in keeps) - Number(a.type in keeps) || a.name.localeCompare(b.name))
    .map(({ kind, type, name, because, isProtected }) => [
      `**${kind}**`,
      `${code(name)} (${plain(shortType(type))})`,
      because.length > 0
        ? because.map(code).join(", ")
        : kind === "deleted"
          ? "it is not declared any more"
          : "what it depends on",
      [keeps[type] ? `⚠️ ${keeps[type]}` : "", isProtected ? "protected: `up` will refuse" : ""]
        .filter(Boolean)
        .join("; "),
    ]);
  if (rows.length === 0) return [];
  return [{ title: "Replaced or deleted", lines: table(["what", "resource", "because of", "goes with it"], rows) }];
}

export function others(changes: readonly Change[]): Section[] {
  const rest = changes.filter(({ kind }) => kind !== "replaced" && kind !== "deleted");
  if (rest.length === 0) return [];
  const rows = rest.map(({ kind, type, name, because }) => [
    kind,
    `${code(name)} (${plain(shortType(type))})`,
    kind === "created" ? "" : because.map(code).join(", "),
  ]);
  return [{ title: "Other changes", lines: table(["what", "resource", "properties"], rows) }];
}

/** `azure-native:storage:StorageAccount` is `storage:StorageAccount`, and a dynamic resource has its own name. */
export function shortType(type: string): string {
  return type.replace(/^azure-native:/, "").replace(/^pulumi-nodejs:dynamic\//, "");
}
