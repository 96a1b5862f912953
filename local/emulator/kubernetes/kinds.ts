import { isMap } from "../../maps";
import { quantity } from "./quantity";

/** An object of Kubernetes as it is stored and answered. */
export interface ClusterObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    annotations?: Record<string, string>;
    labels?: Record<string, string>;
    uid?: string;
    resourceVersion?: string;
    generation?: number;
    creationTimestamp?: string;
    [key: string]: unknown;
  };
  [key: string]: unknown;
}

export interface Kind {
  kind: string;
  apiVersion: string;
  /** Plural and group, as errors name it. */
  resource: string;
  /** Singular and group, as kubectl prints it before a name. */
  singular: string;
  /** What kubectl takes for it. */
  names: readonly string[];
  namespaced: boolean;
  /** Top-level fields beside apiVersion, kind, metadata and status. */
  fields: readonly string[];
  /** Longest name. */
  longestName: number;
  /** What the API server finds wrong: field and reason. */
  problems(object: ClusterObject): string[];
}

const instanceTypes: Kind = {
  kind: "InstanceType",
  apiVersion: "amlarc.azureml.com/v1alpha1",
  resource: "instancetypes.amlarc.azureml.com",
  singular: "instancetype.amlarc.azureml.com",
  names: ["instancetype", "instancetypes", "instancetype.amlarc.azureml.com", "instancetypes.amlarc.azureml.com"],
  namespaced: false,
  fields: ["spec"],
  longestName: 253,
  problems: ({ spec }) => instanceTypeProblems(spec),
};

/** The kinds that the local cloud has objects of. */
export const kinds: readonly Kind[] = [
  {
    kind: "Namespace",
    apiVersion: "v1",
    resource: "namespaces",
    singular: "namespace",
    names: ["namespace", "namespaces", "ns"],
    namespaced: false,
    fields: ["spec"],
    longestName: 63,
    problems: () => [],
  },
  instanceTypes,
  {
    kind: "ConfigMap",
    apiVersion: "v1",
    resource: "configmaps",
    singular: "configmap",
    names: ["configmap", "configmaps", "cm"],
    namespaced: true,
    fields: ["data", "binaryData", "immutable"],
    longestName: 253,
    problems: ({ data }) =>
      Object.entries((data ?? {}) as Record<string, unknown>).flatMap(([key, value]) =>
        typeof value === "string" ? [] : [`data.${key}: Invalid value: ${JSON.stringify(value)}: must be a string`],
      ),
  },
  {
    kind: "Secret",
    apiVersion: "v1",
    resource: "secrets",
    singular: "secret",
    names: ["secret", "secrets"],
    namespaced: true,
    fields: ["data", "type", "immutable"],
    longestName: 253,
    problems: ({ data }) =>
      Object.entries((data ?? {}) as Record<string, unknown>).flatMap(([key, value]) =>
        typeof value === "string" && /^[\w+/]*={0,2}$/.test(value)
          ? []
          : [`data.${key}: Invalid value: illegal base64 data`],
      ),
  },
  {
    kind: "Deployment",
    apiVersion: "apps/v1",
    resource: "deployments.apps",
    singular: "deployment.apps",
    names: ["deployment", "deployments", "deploy", "deployments.apps", "deployment.apps"],
    namespaced: true,
    fields: ["spec"],
    longestName: 253,
    problems: () => [],
  },
];

export const instanceTypeKind = instanceTypes;

/** Kinds that a cluster has and this one has no objects of: what would make them does not run here. */
export const emptyKinds: ReadonlySet<string> = new Set(
  "pods services statefulsets daemonsets replicasets jobs cronjobs persistentvolumeclaims".split(" "),
);

export function kindNamed(name: string): Kind | undefined {
  return kinds.find(({ names }) => names.includes(name.toLowerCase()));
}

/**
 * The CRD of the extension: nodeSelector, and resources with requests and limits of cpu and memory, GPUs as limits alone.
 * @see https://learn.microsoft.com/azure/machine-learning/how-to-manage-kubernetes-instance-types
 */
function instanceTypeProblems(spec: unknown): string[] {
  if (!isMap(spec)) return ["spec: Required value"];
  const { nodeSelector, resources, ...others } = spec;
  const problems = Object.keys(others).map((key) => `spec.${key}: Invalid value: unknown field`);
  if (nodeSelector !== undefined && nodeSelector !== null) {
    const fits = isMap(nodeSelector) && Object.values(nodeSelector).every((value) => typeof value === "string");
    if (!fits) problems.push("spec.nodeSelector: Invalid value: a map of strings is wanted");
  }
  if (!isMap(resources)) return [...problems, "spec.resources: Required value"];
  for (const part of ["requests", "limits"] as const) {
    const { [part]: amounts } = resources;
    const path = `spec.resources.${part}`;
    if (!isMap(amounts)) {
      problems.push(`${path}: Required value`);
      continue;
    }
    for (const name of ["cpu", "memory"])
      if (amounts[name] === undefined || amounts[name] === null) problems.push(`${path}.${name}: Required value`);
    for (const [name, amount] of Object.entries(amounts)) {
      if (amount === null) continue;
      if (quantity(amount) === undefined)
        problems.push(
          `${path}.${name}: Invalid value: ${JSON.stringify(amount)}: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
        );
    }
  }
  const { requests, limits } = resources;
  if (isMap(requests) && isMap(limits))
    for (const [name, asked] of Object.entries(requests)) {
      const [wanted, most] = [quantity(asked), quantity(limits[name])];
      if (wanted !== undefined && most !== undefined && wanted > most)
        problems.push(
          `spec.resources.requests.${name}: Invalid value: "${String(asked)}": must be less than or equal to ${name} limit of ${String(limits[name])}`,
        );
    }
  return problems;
}
