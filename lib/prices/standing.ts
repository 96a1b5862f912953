import { valuesOf, type Values } from "../values";
import type { Price, PriceList } from "./list";
import { standingDatabase, standingReplicas } from "./services";
import { tableDate } from "./table";

/** Nodes, containers or servers that run whether or not there is anything to do. */
export interface StandingNodes {
  /** What they belong to, for people. */
  what: string;
  /** Size of a virtual machine, or what else it is where perHour is given. */
  vmSize: string;
  count: number;
  /** USD of one and hour by the built-in table, where no list has it by the size. */
  perHour?: number;
}

/**
 * Nodes that stand of a resource: the least that each of its pools keeps; of a container app and a database likewise. Everything
 * else of this stack costs by use.
 * @param type token of the resource type
 * @param inputs as the engine has them; what is not known yet counts as absent
 */
export function standingNodes(type: string, name: string, inputs: Values): StandingNodes[] {
  if (type === "azure-native:containerservice:ManagedCluster") {
    const pools = Array.isArray(inputs.agentPoolProfiles) ? (inputs.agentPoolProfiles as Values[]) : [];
    return pools.flatMap((pool) => poolNodes(`${name}, pool ${textOf(pool.name)}`, pool));
  }
  if (type === "azure-native:containerservice:AgentPool") return poolNodes(name, inputs);
  if (type.endsWith("azureml:OnlineDeployment")) {
    const { endpointComputeType, instanceType } = valuesOf(inputs.properties);
    const isManaged = endpointComputeType === "Managed" && typeof instanceType === "string";
    return isManaged ? nodes(name, instanceType, inputs.capacity) : [];
  }
  if (type === "azure-native:machinelearningservices:Compute") {
    const compute = valuesOf(inputs.properties);
    const { vmSize, scaleSettings } = valuesOf(compute.properties);
    if (compute.computeType !== "AmlCompute" || typeof vmSize !== "string") return [];
    return nodes(name, vmSize, valuesOf(scaleSettings).minNodeCount);
  }
  if (type === "azure-native:app:ContainerApp") return standingReplicas(name, inputs);
  if (type === "azure-native:dbforpostgresql:Server") return standingDatabase(name, inputs);
  return [];
}

function poolNodes(what: string, { vmSize, enableAutoScaling, minCount, count }: Values): StandingNodes[] {
  return typeof vmSize === "string" ? nodes(what, vmSize, enableAutoScaling === true ? minCount : count) : [];
}

function nodes(what: string, vmSize: string, count: unknown): StandingNodes[] {
  return typeof count === "number" && count > 0 ? [{ what, vmSize, count }] : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "?";
}

/** Undefined for a size that no source knows. */
export async function standingPrice({ vmSize, perHour }: StandingNodes, prices: PriceList): Promise<Price | undefined> {
  return perHour === undefined ? prices.of(vmSize) : { perHour, source: "table", date: tableDate };
}
