import { UserError } from "../errors";
import type { ReferenceKind, Resolver } from "./body";

export interface WorkspaceReferences {
  /** ARM id of the workspace. */
  workspaceId: string;
  /** ARM ids by name for what the caller has pinned: data assets (for `NAME@latest`) and computes. */
  pinned?: Partial<Record<ReferenceKind, Readonly<Record<string, string>>>>;
}

const collections: Record<ReferenceKind, string> = { compute: "computes", data: "data", environment: "environments" };

/**
 * Resolves references within one workspace without asking it.
 * @throws UserError for `NAME@latest` that was not pinned, and for what is no reference.
 */
export function workspaceResolver({ workspaceId, pinned = {} }: WorkspaceReferences): Resolver {
  return (kind, reference) => {
    if (/^(\/subscriptions\/|azureml:\/\/)/.test(reference)) return reference;
    const name = reference.replace(/^azureml:/, "");
    if (name.startsWith("/subscriptions/")) return name;
    const own = pinned[kind]?.[name.replace(/@latest$/, "")];
    const collection = `${workspaceId}/${collections[kind]}`;
    if (kind === "compute") return own ?? `${collection}/${name}`;
    const [, asset, version] = /^([^:@]+):([^:@]+)$/.exec(name) ?? [];
    if (asset && version) return `${collection}/${asset}/versions/${version}`;
    if (own && name.endsWith("@latest")) return own;
    throw new UserError(
      name.endsWith("@latest")
        ? `${kind} "${reference}": which version is the latest is known only to the workspace. Pin it: azureml:${name.replace("@latest", "")}:VERSION.`
        : `${kind} "${reference}" is no reference; allowed are azureml:NAME:VERSION, azureml:NAME@latest, an ARM id, an azureml:// path.`,
    );
  };
}
