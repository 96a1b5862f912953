import { randomUUID } from "node:crypto";
import type { Cloud, ResourceRecord, Table } from "../contracts";
import { guidOf } from "../guid";
import { instanceTypeKind, kinds, type ClusterObject, type Kind } from "./kinds";

const extensionType = "Microsoft.KubernetesConfiguration/extensions";
const computeType = "Microsoft.MachineLearningServices/workspaces/computes";
const deploymentType = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments";
const systemNamespaces = ["default", "kube-node-lease", "kube-public", "kube-system"];

/** The instance type that attaching a cluster makes. */
export const defaultInstanceType = "defaultinstancetype";
const defaultSpec = {
  resources: { requests: { cpu: "100m", memory: "2Gi" }, limits: { cpu: "2", memory: "2Gi" } },
};

/** What a Kubernetes cluster of the local cloud holds: what was applied to it, and what stands for the rest of the cloud. */
export class ClusterObjects {
  private readonly table: Table<ClusterObject>;
  private readonly prefix: string;

  constructor(
    private readonly cloud: Cloud,
    private readonly cluster: ResourceRecord,
  ) {
    this.table = cloud.store.table("kubernetesObjects");
    this.prefix = `${cluster.id.toLowerCase()}|`;
  }

  /** Whether the cluster knows the kind: the extension of Azure ML brings that of instance types. */
  has(kind: Kind): boolean {
    return kind !== instanceTypeKind || this.hasExtension();
  }

  get(kind: Kind, name: string, namespace = ""): ClusterObject | undefined {
    return this.list(kind, namespace).find(({ metadata }) => metadata.name === name);
  }

  /** @param namespace "" for all of them, and for kinds that are in none */
  list(kind: Kind, namespace = ""): ClusterObject[] {
    const stored = [...this.table.list(`${this.prefix}${kind.kind}|`)].map(({ value }) => value);
    const given = this.given(kind).filter(
      ({ metadata: { name, namespace: of } }) =>
        !stored.some(({ metadata }) => metadata.name === name && metadata.namespace === of),
    );
    return [...given, ...stored]
      .filter(({ metadata }) => !kind.namespaced || namespace === "" || metadata.namespace === namespace)
      .sort((a, b) => (keyOf(kind, a) < keyOf(kind, b) ? -1 : 1));
  }

  /** Part of the transaction that it is called in. */
  put(kind: Kind, object: ClusterObject): ClusterObject {
    const { metadata } = object;
    const before = this.get(kind, metadata.name, metadata.namespace);
    const stored: ClusterObject = {
      ...object,
      metadata: {
        ...metadata,
        uid: before?.metadata.uid ?? randomUUID(),
        creationTimestamp: before?.metadata.creationTimestamp ?? this.cloud.now().toISOString().replace(/\.\d+/, ""),
        generation: (before?.metadata.generation ?? 0) + 1,
        resourceVersion: String(Number(before?.metadata.resourceVersion ?? 0) + 1),
      },
      ...(kind.kind === "Namespace" ? { status: { phase: "Active" } } : {}),
    };
    void this.table.put(this.prefix + keyOf(kind, stored), stored);
    return stored;
  }

  /** A namespace goes with all that is in it. */
  remove(kind: Kind, object: ClusterObject): void {
    void this.table.remove(this.prefix + keyOf(kind, object));
    if (kind.kind !== "Namespace") return;
    for (const inner of kinds.filter(({ namespaced }) => namespaced))
      for (const one of this.list(inner, object.metadata.name)) this.remove(inner, one);
  }

  /** When the cluster itself goes. */
  async forget(): Promise<void> {
    for (const { key } of [...this.table.list(this.prefix)]) await this.table.remove(key);
  }

  /** The computes by which workspaces use the cluster. */
  attached(): ResourceRecord[] {
    const own = this.cluster.id.toLowerCase();
    return this.cloud.resources
      .listAll(computeType)
      .filter(({ properties }) => String(properties.resourceId).toLowerCase() === own);
  }

  private hasExtension(): boolean {
    return this.cloud.resources
      .list(this.cluster.id, extensionType)
      .some(({ properties }) => /azureml/i.test(String(properties.extensionType)));
  }

  /** Objects that nobody applies. */
  private given(kind: Kind): ClusterObject[] {
    const namespaces = [...systemNamespaces, ...(this.hasExtension() ? ["azureml"] : [])];
    const object = (name: string, more: object, namespace?: string): ClusterObject => ({
      apiVersion: kind.apiVersion,
      kind: kind.kind,
      metadata: {
        name,
        ...(namespace === undefined ? {} : { namespace }),
        uid: guidOf(this.cluster.id, kind.kind, namespace ?? "", name),
        resourceVersion: "1",
        creationTimestamp: String(this.cluster.systemData?.createdAt).replace(/\.\d+/, ""),
      },
      ...more,
    });
    switch (kind.kind) {
      case "Namespace":
        return namespaces.map((name) =>
          object(name, { spec: { finalizers: ["kubernetes"] }, status: { phase: "Active" } }),
        );
      case "InstanceType":
        return this.attached().length > 0 ? [object(defaultInstanceType, { spec: defaultSpec })] : [];
      case "ConfigMap": {
        const stored = [...this.table.list(`${this.prefix}Namespace|`)].map(({ value }) => value.metadata.name);
        return [...namespaces, ...stored].map((namespace) => object("kube-root-ca.crt", { data: {} }, namespace));
      }
      case "Secret":
        return [];
      default:
        return this.attached().flatMap((compute) => {
          const { namespace = "default" } = (compute.properties.properties ?? {}) as { namespace?: string };
          return this.deploymentsOn(compute).map((name) => object(name, { spec: {} }, namespace));
        });
    }
  }

  /** Online deployments run as deployments of Kubernetes, named for the endpoint and themselves. */
  private deploymentsOn(compute: ResourceRecord): string[] {
    const endpoints = this.cloud.resources
      .listAll(deploymentType.replace(/\/deployments$/, ""))
      .filter(({ properties }) => String(properties.compute).toLowerCase() === compute.id.toLowerCase());
    return endpoints.flatMap((endpoint) =>
      this.cloud.resources
        .list(endpoint.id, deploymentType)
        .map(({ name }) => `${name}-${endpoint.name}`.toLowerCase()),
    );
  }
}

function keyOf({ kind }: Kind, { metadata: { name, namespace = "" } }: ClusterObject): string {
  return `${kind}|${namespace}|${name}`;
}
