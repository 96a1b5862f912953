import { ArmError, type Cloud, type ResourceRecord } from "../contracts";
import { instanceTypeKind, kindNamed } from "./kinds";
import { ClusterObjects, defaultInstanceType } from "./objects";
import { quantity } from "./quantity";

type Amounts = Record<string, string | number | null | undefined>;

interface Resources {
  requests?: Amounts;
  limits?: Amounts;
}

interface ComputeProperties {
  namespace?: string;
  defaultInstanceType?: string;
  instanceTypes?: Record<string, unknown>;
}

export interface ContainerNeeds {
  instanceType?: string;
  containerResourceRequirements?: {
    containerResourceRequests?: Amounts;
    containerResourceLimits?: Amounts;
  };
}

/** What an MLflow model is served with: https://learn.microsoft.com/azure/machine-learning/how-to-manage-kubernetes-instance-types */
const leastForMlflow = { cpu: "2", memory: "4Gi" };

/** @throws ArmError when a compute names an instance type that its cluster does not have */
export function checkNamedTypes(cluster: ResourceRecord, properties: ComputeProperties, cloud: Cloud): void {
  const known = typesOf(cluster, cloud);
  const named = [...Object.keys(properties.instanceTypes ?? {}), properties.defaultInstanceType ?? defaultInstanceType];
  const missing = named.find((name) => name !== defaultInstanceType && !known.has(name));
  if (missing === undefined) return;
  throw new ArmError(
    400,
    "BadArgument",
    `Instance type '${missing}' is not in the cluster '${cluster.name}', which has ${listed(known)}. Apply an InstanceType of amlarc.azureml.com/v1alpha1 first.`,
    missing === properties.defaultInstanceType
      ? "properties.properties.defaultInstanceType"
      : `properties.properties.instanceTypes.${missing}`,
  );
}

/**
 * A container runs as an instance type of the cluster, and asks for no more than that has.
 * @throws ArmError for one that there is not, and for requests and limits above it
 */
export function checkContainer(compute: ResourceRecord, needs: ContainerNeeds, noCode: boolean, cloud: Cloud): void {
  const cluster = cloud.resources.get(String(compute.properties.resourceId));
  if (!cluster) throw refused("endpointName", `The cluster of compute '${compute.name}' was not found.`);
  const { namespace = "default", defaultInstanceType: ownDefault } = (compute.properties.properties ??
    {}) as ComputeProperties;
  const namespaces = kindNamed("namespace");
  if (namespaces && !new ClusterObjects(cloud, cluster).get(namespaces, namespace))
    throw refused("endpointName", `The namespace '${namespace}' is not in the cluster '${cluster.name}'.`);
  const known = typesOf(cluster, cloud);
  const name = needs.instanceType ?? ownDefault ?? defaultInstanceType;
  const type = known.get(name);
  if (!type) throw refused("properties.instanceType", `Instance type '${name}' is not one of ${listed(known)}.`);
  const { containerResourceRequests: requests = {}, containerResourceLimits: limits = {} } =
    needs.containerResourceRequirements ?? {};
  const path = "properties.containerResourceRequirements";
  for (const [part, amounts] of [
    ["containerResourceRequests", requests],
    ["containerResourceLimits", limits],
  ] as const)
    for (const [resource, wanted] of Object.entries(amounts)) {
      const most =
        type.limits?.[resource === "gpu" ? "nvidia.com/gpu" : resource] ?? (resource === "gpu" ? "0" : undefined);
      if (wanted === null || wanted === undefined) continue;
      if (quantity(wanted) === undefined)
        throw refused(`${path}.${part}.${resource}`, `'${wanted}' is no quantity of Kubernetes.`);
      if (above(wanted, most))
        throw refused(
          `${path}.${part}.${resource}`,
          `The ${part === "containerResourceLimits" ? "limit" : "request"} of ${resource}, ${wanted}, is above that of instance type '${name}', ${String(most)}.`,
        );
    }
  for (const [resource, wanted] of Object.entries(requests))
    if (above(wanted, limits[resource]))
      throw refused(
        `${path}.containerResourceRequests.${resource}`,
        `The request of ${resource}, ${String(wanted)}, is above its limit, ${String(limits[resource])}.`,
      );
  if (noCode) checkMlflow({ ...type.requests, ...requests }, path);
}

function checkMlflow(requests: Amounts, path: string): void {
  for (const [resource, least] of Object.entries(leastForMlflow))
    if (above(least, requests[resource]))
      throw refused(
        `${path}.containerResourceRequests.${resource}`,
        `An MLflow model without code wants at least ${leastForMlflow.cpu} CPUs and ${leastForMlflow.memory} of memory; ${String(requests[resource])} of ${resource} is requested.`,
      );
}

function typesOf(cluster: ResourceRecord, cloud: Cloud): Map<string, Resources> {
  const objects = new ClusterObjects(cloud, cluster).list(instanceTypeKind);
  return new Map(
    objects.map(({ metadata, spec }) => [metadata.name, (spec as { resources?: Resources }).resources ?? {}]),
  );
}

function above(wanted: Amounts[string], most: Amounts[string]): boolean {
  const [first, second] = [quantity(wanted), quantity(most)];
  return first !== undefined && second !== undefined && first > second;
}

function listed(types: ReadonlyMap<string, unknown>): string {
  return types.size === 0 ? "none" : [...types.keys()].join(", ");
}

function refused(target: string, message: string): ArmError {
  return new ArmError(400, "BadArgument", message, target);
}
