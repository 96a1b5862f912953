import type { Cloud, ResourceRecord } from "../contracts";
import { durationSeconds } from "./duration";
import { Cluster } from "./cluster";
import type { ClusterNode, Scale } from "./nodes";

/** What the service takes when a body has none. */
const defaultIdle = "PT120S";
/** Nodes of a job without a cluster: the service finds them. */
const serverless = "serverless";
const serverlessScale: Scale = { min: 0, max: 4, idleMs: 0 };

interface ClusterBody {
  computeType?: string;
  properties?: {
    vmPriority?: string;
    scaleSettings?: { minNodeCount?: number; maxNodeCount?: number; nodeIdleTimeBeforeScaleDown?: string };
  };
}

/** The clusters of the cloud, with their nodes. */
export class Clusters {
  private readonly clusters = new Map<string, Cluster>();

  /** The cluster of a compute's id; made at its first use, with the nodes that it had before a restart. */
  of(computeId: string, cloud: Cloud): Cluster {
    const key = computeId.toLowerCase();
    const known = this.clusters.get(key);
    if (known) return known;
    const table = cloud.store.table<ClusterNode[]>("nodes");
    const keep = (nodes: readonly ClusterNode[]) => {
      void table.put(key, [...nodes]).catch((error: unknown) => cloud.log.warn({ err: error }, "nodes not stored"));
    };
    const scaleOf = () => (key === serverless ? serverlessScale : scaleOfCompute(cloud.resources.get(key)));
    const cluster = new Cluster(table.get(key) ?? [], scaleOf, cloud.clock, keep);
    this.clusters.set(key, cluster);
    cluster.settle();
    return cluster;
  }

  /** Read-only properties of an AmlCompute, as it answers them. */
  view(record: ResourceRecord, cloud: Cloud): Record<string, unknown> {
    const { computeType, properties } = record.properties as ClusterBody;
    if (computeType !== "AmlCompute") return {};
    return { properties: { ...properties, ...this.of(record.id, cloud).properties() } };
  }

  /** A compute that was changed has other limits. */
  changed(record: ResourceRecord, cloud: Cloud): void {
    if ((record.properties as ClusterBody).computeType === "AmlCompute") this.of(record.id, cloud).settle();
  }

  async removed(record: ResourceRecord, cloud: Cloud): Promise<void> {
    const key = record.id.toLowerCase();
    this.clusters.get(key)?.stop();
    this.clusters.delete(key);
    await cloud.store.table("nodes").remove(key);
  }

  stop(): void {
    for (const cluster of this.clusters.values()) cluster.stop();
    this.clusters.clear();
  }
}

export const clusters = new Clusters();

/** Whether Azure may take the nodes of a compute away. */
export function isLowPriority(compute: ResourceRecord | undefined): boolean {
  return (compute?.properties as ClusterBody | undefined)?.properties?.vmPriority === "LowPriority";
}

function scaleOfCompute(compute: ResourceRecord | undefined): Scale {
  const { properties } = (compute?.properties ?? {}) as ClusterBody;
  const { minNodeCount = 0, maxNodeCount = 1, nodeIdleTimeBeforeScaleDown } = properties?.scaleSettings ?? {};
  return {
    min: minNodeCount,
    max: maxNodeCount,
    idleMs: durationSeconds(nodeIdleTimeBeforeScaleDown ?? defaultIdle) * 1000,
  };
}
