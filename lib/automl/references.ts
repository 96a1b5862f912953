import { basename, dirname, isAbsolute, join } from "node:path";
import { UserError } from "../errors";
import type { Resolver } from "./body";
import type { ReferenceKind } from "./spec";

/** What a reference of a job file says. */
export type Reference =
  /** `azureml:NAME:VERSION`. */
  | { form: "version"; name: string; version: string }
  /** `azureml:NAME@latest`: which version that is, only the workspace knows. */
  | { form: "latest"; name: string }
  /** `azureml:NAME` of what has no versions: a compute. */
  | { form: "name"; name: string }
  /** An ARM id, with or without `azureml:` before it. */
  | { form: "id"; id: string }
  /** A path or an id that the service takes as it is: azureml://registries/..., azureml://datastores/..., https://... */
  | { form: "uri"; uri: string }
  /** A local folder, which must be uploaded and registered first. */
  | { form: "local"; folder: string };

export type WrongReference = { form: "wrong"; allowed: string };

const allowed: Readonly<Record<ReferenceKind, string>> = {
  compute: "allowed are azureml:NAME, an ARM id, serverless",
  environment: "allowed are azureml:NAME:VERSION, azureml:NAME@latest, an ARM id, azureml://registries/...",
  data: "allowed are azureml:NAME:VERSION, azureml:NAME@latest, an ARM id, azureml://registries/REGISTRY/data/NAME/versions/VERSION, azureml://datastores/NAME/paths/PATH, a local folder with a file MLTable",
};

/** Takes a reference apart. */
export function parseReference(kind: ReferenceKind, text: string): Reference | WrongReference {
  const wrong = (why?: string): WrongReference => ({ form: "wrong", allowed: why ?? allowed[kind] });
  const name = text.replace(/^azureml:(?!\/\/)/, "");
  if (name.trim() === "") return wrong();
  if (name.startsWith("/subscriptions/")) return armIds[kind].test(name) ? { form: "id", id: name } : wrong();
  if (kind === "compute") return computeReference(name) ?? wrong();
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(text)) {
    const registry = /^azureml:\/\/registries\//i.test(text);
    const complete = /^azureml:\/\/registries\/[^/]+\/[a-z]+\/[^/]+\/(?:versions|labels)\/[^/]+$/i.test(text);
    return registry && !complete ? wrong() : { form: "uri", uri: text };
  }
  const [, labelled, label] = /^([^:@/\\\s]+)@([^:@/\\\s]+)$/.exec(name) ?? [];
  if (labelled !== undefined) {
    return label === "latest"
      ? { form: "latest", name: labelled }
      : wrong(`azureml resolves no label but latest; ${allowed[kind]}`);
  }
  const [, asset, version] = /^([^:@/\\\s]+):([^@/\\\s]+)$/.exec(name) ?? [];
  if (asset !== undefined && version !== undefined) return { form: "version", name: asset, version };
  // The schema takes any text for an environment, and the client sends it as it is.
  if (kind === "environment") return { form: "uri", uri: text };
  return name !== text || /^[a-z]{2,}:/i.test(name) ? wrong() : { form: "local", folder: name };
}

function computeReference(name: string): Reference | WrongReference | undefined {
  if (name === "local")
    return { form: "wrong", allowed: "AutoML jobs do not run on this machine; name a cluster, azureml:NAME" };
  return /^[\w./-]+$/.test(name) ? { form: "name", name } : undefined;
}

const owner = "^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/[^/]+/";
const armIds: Readonly<Record<ReferenceKind, RegExp>> = {
  compute: new RegExp(`${owner}(?:workspaces/[^/]+/computes|virtualclusters)/[^/]+$`, "i"),
  data: new RegExp(`${owner}(?:workspaces|registries)/[^/]+/(?:data|datasets)/[^/]+/(?:versions|labels)/[^/]+$`, "i"),
  environment: new RegExp(`${owner}(?:workspaces|registries)/[^/]+/environments/[^/]+`, "i"),
};

/** The name of no cluster: the service brings the machines. */
export function isServerless(compute: string): boolean {
  return /^(?:azureml:)?serverless$/.test(compute);
}

/** A local path of a job file, which is relative to that file, relative to the program instead. */
export function localPath(file: string, path: string): string {
  if (isAbsolute(path)) return path;
  const joined = join(dirname(file), path).replace(/(?<=.)\/$/, "");
  // The dot keeps it apart from every other form of a reference.
  return isAbsolute(joined) || joined.startsWith(".") ? joined : `./${joined}`;
}

/** Name of the data asset that a local folder is registered as; its version is the folder's content. */
export function localAssetName(folder: string): string {
  const name = basename(folder)
    .replace(/[^A-Za-z0-9_-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "");
  return (name || "table").slice(0, 200);
}

export interface WorkspaceReferences {
  /** ARM id of the workspace. */
  workspaceId: string;
  /**
   * ARM ids for what the caller has pinned: data assets and environments by name (for `NAME@latest`), computes by name, local
   * folders by their path.
   */
  pinned?: Partial<Record<ReferenceKind, Readonly<Record<string, string>>>>;
}

const collections: Record<ReferenceKind, string> = { compute: "computes", data: "data", environment: "environments" };

/**
 * Resolves references within one workspace without asking it.
 * @throws UserError for `NAME@latest` and a local folder that were not pinned, and for what is no reference.
 */
export function workspaceResolver({ workspaceId, pinned = {} }: WorkspaceReferences): Resolver {
  return (kind, text) => {
    const reference = parseReference(kind, text);
    const ownOf = (name: string) => pinned[kind]?.[name];
    const collection = `${workspaceId}/${collections[kind]}`;
    switch (reference.form) {
      case "wrong":
        throw new UserError(`${kind} "${text}" is no reference; ${reference.allowed}.`);
      case "uri":
        return reference.uri;
      case "id":
        return reference.id;
      case "name":
        return ownOf(reference.name) ?? `${collection}/${reference.name}`;
      case "version":
        return `${collection}/${reference.name}/versions/${reference.version}`;
      case "latest": {
        const own = ownOf(reference.name);
        if (own !== undefined) return own;
        throw new UserError(
          `${kind} "${text}": which version is the latest is known only to the workspace. Pin it: azureml:${reference.name}:VERSION.`,
        );
      }
      case "local": {
        const own = ownOf(reference.folder);
        if (own !== undefined) return own;
        throw new UserError(
          `${kind} "${text}" is a local folder that nobody has registered. Register it as a data asset, and name it: azureml:NAME:VERSION.`,
        );
      }
    }
  };
}
