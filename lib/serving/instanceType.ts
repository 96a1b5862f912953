import { isDeepStrictEqual } from "node:util";

/** What deployments may ask for by a name: a share of a node, of the nodes that have the labels. */
export interface InstanceTypeSpec {
  nodeSelector?: Record<string, string>;
  resources: { requests: Record<string, string>; limits: Record<string, string> };
}

/** An object as it is applied. */
export interface Manifest {
  apiVersion?: string;
  kind: string;
  metadata: { name: string; annotations?: Record<string, string> };
  spec?: unknown;
}

/** An object in a cluster, as far as it is looked at here. */
export type ClusterObject = Manifest;

/** Annotation that says which stack has made an object. */
export const ownerAnnotation = "objectdetection/stack";

export function namespaceManifest(name: string, owner: string): Manifest {
  const metadata = { name, annotations: { [ownerAnnotation]: owner } };
  return { apiVersion: "v1", kind: "Namespace", metadata };
}

/** @see https://learn.microsoft.com/azure/machine-learning/how-to-manage-kubernetes-instance-types */
export function instanceTypeManifest(name: string, spec: InstanceTypeSpec, owner: string): Manifest {
  const metadata = { name, annotations: { [ownerAnnotation]: owner } };
  return { apiVersion: "amlarc.azureml.com/v1alpha1", kind: "InstanceType", metadata, spec };
}

export function ownerOf({ metadata }: ClusterObject): string | undefined {
  return metadata.annotations?.[ownerAnnotation];
}

/** Whether an instance type is as wanted: amounts may be numbers or texts, and what is null is not there. */
export function isAsWanted({ spec }: ClusterObject, wanted: InstanceTypeSpec): boolean {
  return isDeepStrictEqual(plain(spec), plain(wanted));
}

function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return String(value);
  const entries = Object.entries(value).filter(([, item]) => item !== null && item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [key, plain(item)]));
}

/**
 * The objects in what `kubectl get -o json` wrote: one, a list, or nothing, after warnings perhaps.
 * @throws Error when it is no JSON
 */
export function objectsIn(output: string): ClusterObject[] {
  const start = output.search(/^\{/m);
  if (start < 0) return [];
  const found = JSON.parse(output.slice(start, output.lastIndexOf("}") + 1)) as ClusterObject & {
    items?: ClusterObject[];
  };
  return found.items ?? [found];
}
