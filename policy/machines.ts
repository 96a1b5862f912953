import { valuesOf, type Values } from "../lib/values";
import type { CheckedResource } from "./rule";
import { types } from "./types";

/** Machines that a resource may have Azure start. */
export interface Machines {
  /** Path of the property with their size. */
  property: string;
  vmSize: string;
  /** At most. */
  count: number;
  /** Path of the property with that number. */
  countProperty: string;
}

export const machineTypes = [
  types.compute,
  types.cluster,
  types.agentPool,
  types.deployment,
  types.azureDeployment,
] as const;

export function machinesOf({ type, props }: Pick<CheckedResource, "type" | "props">): Machines[] {
  switch (type) {
    case types.compute:
      return ofCompute(valuesOf(props.properties));
    case types.cluster: {
      const pools = Array.isArray(props.agentPoolProfiles) ? (props.agentPoolProfiles as Values[]) : [];
      return pools.flatMap((pool, index) => ofPool(pool, `agentPoolProfiles[${index}].`));
    }
    case types.agentPool:
      return ofPool(props, "");
    case types.deployment:
      return ofDeployment(props, props.capacity, "capacity");
    case types.azureDeployment:
      return ofDeployment(props, valuesOf(props.sku).capacity, "sku.capacity");
    default:
      return [];
  }
}

/** A training cluster, or a machine of one's own. */
function ofCompute({ computeType, properties }: Values): Machines[] {
  const { vmSize, scaleSettings } = valuesOf(properties);
  if (typeof vmSize !== "string") return [];
  const property = "properties.properties.vmSize";
  if (computeType !== "AmlCompute") return [{ property, vmSize, count: 1, countProperty: property }];
  const countProperty = "properties.properties.scaleSettings.maxNodeCount";
  return [{ property, vmSize, count: numberOf(valuesOf(scaleSettings).maxNodeCount), countProperty }];
}

function ofPool({ vmSize, enableAutoScaling, maxCount, count }: Values, path: string): Machines[] {
  if (typeof vmSize !== "string") return [];
  const name = enableAutoScaling === true ? "maxCount" : "count";
  const nodes = numberOf(enableAutoScaling === true ? maxCount : count);
  return [{ property: `${path}vmSize`, vmSize, count: nodes, countProperty: `${path}${name}` }];
}

/** Of a managed endpoint; one in a cluster names an instance type there, which is no size. */
function ofDeployment(props: Values, capacity: unknown, countProperty: string): Machines[] {
  const { endpointComputeType, instanceType } = valuesOf(props.properties);
  if (endpointComputeType !== "Managed" || typeof instanceType !== "string") return [];
  return [{ property: "properties.instanceType", vmSize: instanceType, count: numberOf(capacity), countProperty }];
}

/** A number that is not told counts as one. */
function numberOf(value: unknown): number {
  return typeof value === "number" ? value : 1;
}
