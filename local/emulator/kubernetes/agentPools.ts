import { ArmError, type Cloud, type ResourceRecord, type TypeBehaviour } from "../contracts";
import { Quotas } from "../services/quota";
import { assertCurrentSize } from "../services/sizes";

export const agentPoolType = "Microsoft.ContainerService/managedClusters/agentPools";

export interface AgentPool {
  name: string;
  vmSize?: string;
  count?: number;
  mode?: string;
  enableAutoScaling?: boolean;
  minCount?: number;
  maxCount?: number;
  [key: string]: unknown;
}

/** The id of the cluster that a pool is of, in lower case. */
export function clusterOf(poolId: string): string {
  return poolId.replace(/\/agentPools\/[^/]+$/i, "").toLowerCase();
}

/** Limits of AKS: https://learn.microsoft.com/azure/aks/quotas-skus-regions; a pool that scales by itself has bounds. */
export function checkPool({ count = 1, mode, enableAutoScaling, minCount, maxCount }: AgentPool, target: string): void {
  const refuse = (name: string, wanted: string) => {
    throw new ArmError(
      400,
      "InvalidParameter",
      `The value of parameter ${target}.${name} is invalid: ${wanted}.`,
      `${target}.${name}`,
    );
  };
  const fewest = mode === "System" ? 1 : 0;
  if (!Number.isInteger(count) || count < fewest || count > 1000) refuse("count", `${fewest} to 1000 nodes are wanted`);
  if (!enableAutoScaling) return;
  if (minCount === undefined || maxCount === undefined || minCount > maxCount)
    refuse("minCount", "a pool that scales by itself needs minCount up to maxCount");
}

/** What the service adds to a pool. */
function poolProperties({ name: _, ...pool }: Partial<AgentPool>): Record<string, unknown> {
  return { ...pool, count: pool.count ?? 1, powerState: { code: "Running" } };
}

/** Makes, or changes, the pools that a cluster's body names; they stand nowhere else. */
export async function putPools({ id, properties }: ResourceRecord, cloud: Cloud): Promise<Record<string, unknown>> {
  for (const pool of (properties.agentPoolProfiles ?? []) as AgentPool[]) {
    const poolId = `${id}/agentPools/${pool.name}`;
    await cloud.resources.put({
      id: cloud.resources.get(poolId)?.id ?? poolId,
      name: pool.name,
      type: agentPoolType,
      properties: { ...poolProperties(pool), provisioningState: "Succeeded" },
    });
  }
  return { agentPoolProfiles: undefined };
}

/** The pools of a cluster as it answers them; those of its body until they are there. */
export function poolProfiles({ id, properties }: ResourceRecord, { resources }: Cloud): unknown {
  const pools = resources.list(id, agentPoolType);
  const listed = pools.map(({ name, properties: pool }) => ({ name, ...pool }));
  return listed.length > 0 ? listed : properties.agentPoolProfiles;
}

export const agentPoolBehaviour: TypeBehaviour = {
  type: agentPoolType,
  coverage: {
    gaps: {
      PUT: "a record: no nodes run",
    },
  },
  check({ body, id }, cloud) {
    assertCurrentSize(body.properties?.vmSize, "properties.vmSize");
    checkPool(body.properties as unknown as AgentPool, "properties");
    new Quotas(cloud).checkPools([body.properties as unknown as AgentPool], new Set([id.toLowerCase()]));
  },
  properties: ({ body }) => poolProperties(body.properties ?? {}),
  beforeDelete({ id, properties }, cloud) {
    const system = cloud.resources
      .listAll(agentPoolType)
      .filter((pool) => clusterOf(pool.id) === clusterOf(id) && pool.properties.mode === "System");
    if (properties.mode !== "System" || system.length > 1) return;
    throw new ArmError(400, "BadRequest", "There has to be at least one system agent pool.", "properties.mode");
  },
  provision: async () => {},
};
