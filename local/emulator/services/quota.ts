import { ArmError, type Cloud, type Table } from "../contracts";
import { vmSizeOf, vmSizes } from "./vmSizes";

export const mlProvider = "Microsoft.MachineLearningServices";
export const computeProvider = "Microsoft.Compute";
export type QuotaProvider = typeof mlProvider | typeof computeProvider;

/** Names under which the cores of a whole region are counted. */
export const regionalName: Readonly<Record<QuotaProvider, string>> = {
  [mlProvider]: "Total Cluster Dedicated Regional vCPUs",
  [computeProvider]: "cores",
};

/** vCPUs that a subscription has before anybody asks for more; Azure's own depend on the offer. */
const familyLimit = 200;
const regionalLimit = 500;

export interface Usage {
  name: string;
  localizedName: string;
  used: number;
  limit: number;
}

/** Quotas of the subscription, as they were raised or lowered, and what is used of them. */
export class Quotas {
  private readonly limits: Table<number>;

  constructor(private readonly cloud: Cloud) {
    this.limits = cloud.store.table("quotas");
  }

  /** Names of families, as a provider has them. */
  families(provider: QuotaProvider): string[] {
    return [...new Set(vmSizes.map(({ family, mlFamily }) => (provider === mlProvider ? mlFamily : family)))];
  }

  /** @param workspaceId of a quota of that workspace alone */
  limit(provider: QuotaProvider, family: string, workspaceId = ""): number | undefined {
    const set = this.limits.get(keyOf(provider, family, workspaceId));
    if (set !== undefined || workspaceId !== "") return set;
    return family === regionalName[provider] ? regionalLimit : familyLimit;
  }

  setLimit(provider: QuotaProvider, family: string, limit: number, workspaceId = ""): Promise<void> {
    return this.limits.put(keyOf(provider, family, workspaceId), limit);
  }

  usages(provider: QuotaProvider): Usage[] {
    const used = provider === mlProvider ? this.usedByClusters() : this.usedByKubernetes();
    const total = [...used.values()].reduce((sum, count) => sum + count, 0);
    const names = [...new Set([...this.families(provider), ...used.keys()])];
    const regional = regionalName[provider];
    return [
      { name: regional, localizedName: totalName(provider), used: total, limit: this.limit(provider, regional) ?? 0 },
      ...names.map((name) => ({
        name,
        localizedName: localized(name),
        used: used.get(name) ?? 0,
        limit: this.limit(provider, name) ?? 0,
      })),
    ];
  }

  /**
   * Azure ML asks that one node, or the fewest that the cluster keeps, fit; more than fit wait.
   * @throws ArmError in the words of Azure ML, as clients quote them
   */
  checkCluster(workspaceId: string, vmSize: string, minNodes: number): void {
    const { vCpus, mlFamily } = vmSizeOf(vmSize);
    const checks = [
      { of: mlFamily.replace(/ Cluster Dedicated vCPUs$/, ""), limit: this.limit(mlProvider, mlFamily, workspaceId) },
      { of: mlFamily.replace(/ Cluster Dedicated vCPUs$/, ""), limit: this.limit(mlProvider, mlFamily) },
      { of: "total", limit: this.limit(mlProvider, regionalName[mlProvider]) },
    ];
    const help =
      "Talk to your Subscription Admin or refer to https://docs.microsoft.com/azure/machine-learning/how-to-manage-quotas#request-quota-increases to increase the";
    for (const { of, limit } of checks) {
      if (limit === undefined) continue;
      const quota = `The specified subscription has a ${of === "total" ? of : `${of.replace(/ Family$/, " family")}`} vCPU quota of ${limit}`;
      if (minNodes > 0 && minNodes * vCpus > limit) {
        throw new ArmError(
          400,
          "ClusterMinNodesExceedCoreQuota",
          `${quota} and is less than the requested compute training cluster and/or compute instance's min nodes of ${minNodes} which maps to ${minNodes * vCpus} vCPUs. ${help} ${of} quota.`,
          "properties.properties.scaleSettings.minNodeCount",
        );
      }
      if (vCpus > limit) {
        throw new ArmError(
          400,
          "ClusterCoreQuotaReached",
          `${quota} and cannot accomodate for at least 1 requested managed compute node which maps to ${vCpus} vCPUs. ${help} ${of} quota.`,
          "properties.properties.vmSize",
        );
      }
    }
  }

  /**
   * @param replaced ids of agent pools, in lower case, that these take the place of
   * @throws ArmError in the words of AKS when the nodes of a cluster do not fit beside those of the others
   */
  checkPools(pools: readonly Pool[], replaced: ReadonlySet<string>): void {
    const wanted = coresOf(pools);
    const used = coresOf(this.poolsBeside((id) => replaced.has(id)));
    const left = (name: string) => (this.limit(computeProvider, name) ?? 0) - (used.get(name) ?? 0);
    const { location } = this.cloud;
    const total = sum(wanted);
    const regional = (this.limit(computeProvider, "cores") ?? 0) - sum(used);
    if (total > regional) {
      throw new ArmError(
        400,
        "ErrCode_InsufficientVCPUQuota",
        `Insufficient regional vcpu quota left for location ${location}. left regional vcpu quota ${regional}, requested quota ${total}. If you want to increase the quota, please follow this instruction: https://learn.microsoft.com/en-us/azure/quotas/view-quotas.`,
      );
    }
    for (const [family, cores] of wanted) {
      if (cores <= left(family)) continue;
      throw new ArmError(
        400,
        "ErrCode_InsufficientVCPUQuota",
        `Insufficient vcpu quota requested ${cores}, remaining ${left(family)} for family ${family} for region ${location}.`,
      );
    }
  }

  private usedByClusters(): Map<string, number> {
    const used = new Map<string, number>();
    for (const { properties } of this.cloud.resources.listAll(`${mlProvider}/workspaces/computes`)) {
      if (properties.computeType !== "AmlCompute") continue;
      const { vmSize = "", currentNodeCount = 0 } = properties.properties as {
        vmSize?: string;
        currentNodeCount?: number;
      };
      const { mlFamily, vCpus } = vmSizeOf(vmSize);
      used.set(mlFamily, (used.get(mlFamily) ?? 0) + vCpus * currentNodeCount);
    }
    return used;
  }

  /** Agent pools that hold nodes: those that are there, and those that a cluster's body has asked for. */
  private poolsBeside(isLeftOut: (id: string) => boolean): Pool[] {
    const { resources } = this.cloud;
    const clusters = "Microsoft.ContainerService/managedClusters";
    const there = resources.listAll(`${clusters}/agentPools`).map(({ id, properties }) => [id, properties] as const);
    const asked = resources.listAll(clusters).flatMap(({ id, properties }) => {
      const pools = (properties.agentPoolProfiles ?? []) as Pool[];
      return pools.map((pool) => [`${id}/agentPools/${pool.name}`, pool] as const);
    });
    const held = new Map<string, Pool>([...asked, ...there].map(([id, pool]) => [id.toLowerCase(), pool]));
    return [...held].flatMap(([id, pool]) => (isLeftOut(id) ? [] : [pool]));
  }

  private usedByKubernetes(): Map<string, number> {
    return coresOf(this.poolsBeside(() => false));
  }
}

interface Pool {
  name?: string;
  vmSize?: string;
  count?: number;
}

function coresOf(pools: readonly Pool[]): Map<string, number> {
  const cores = new Map<string, number>();
  for (const { vmSize = "", count = 1 } of pools) {
    const { family, vCpus } = vmSizeOf(vmSize);
    cores.set(family, (cores.get(family) ?? 0) + vCpus * count);
  }
  return cores;
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}

function keyOf(provider: QuotaProvider, family: string, workspaceId: string): string {
  return `${provider}|${family}|${workspaceId}`.toLowerCase();
}

function totalName(provider: QuotaProvider): string {
  return provider === mlProvider ? regionalName[provider] : "Total Regional vCPUs";
}

function localized(family: string): string {
  const [, stem] = /^standard ?(\w+) ?Family$/i.exec(family) ?? [];
  return stem ? `Standard ${stem} Family vCPUs` : family;
}
