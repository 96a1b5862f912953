import type { StackConfig } from "../../config";
import type { ParsedJob } from "../automl";
import { decideSize } from "../azure/sizes";
import { resourceNames, stableSuffix, type ResourceNames } from "../naming";
import type { Declared } from "./policies/fields";

/** Machines that the stack may ask for, by the service whose quota they count to. */
export interface MachineNeed {
  service: "Azure ML" | "Compute";
  /** Property of the configuration with the size. */
  property: string;
  /** Size in the configuration. */
  configured: string;
  /** Size that is asked for; the configured one where a retired one is kept. */
  vmSize: string;
  /** Nodes that must fit for the stack to come up. */
  least: number;
  /** Nodes that it may grow to. */
  most: number;
  /** Property with that number. */
  mostProperty: string;
}

/** What the program will ask Azure for, as far as it can be told without running it. */
export interface Plan {
  stack: string;
  config: StackConfig;
  subscriptionId: string;
  location: string;
  names: ResourceNames;
  /** ARM id of the resource group. */
  groupId: string;
  machines: MachineNeed[];
  /** Empty where the champion comes from another stack. */
  jobs: readonly ParsedJob[];
  /** What the program declares, by running it; rejects with a UserError where it does not run. */
  declared: () => Promise<Declared[]>;
}

/**
 * @param project name in Pulumi.yaml
 * @param stack name without its organization
 */
export function planOf(
  config: StackConfig,
  jobs: readonly ParsedJob[],
  {
    project,
    stack,
    subscriptionId,
    declared,
  }: { project: string; stack: string; subscriptionId: string; declared: Plan["declared"] },
): Plan {
  const names = resourceNames(config.name, stack, stableSuffix(subscriptionId, project, stack, config.name));
  return {
    stack,
    config,
    subscriptionId,
    location: config.location.toLowerCase().replaceAll(" ", ""),
    names,
    groupId:
      config.existing.resourceGroupId ?? `/subscriptions/${subscriptionId}/resourceGroups/${names.resourceGroup}`,
    machines: machinesOf(config),
    jobs,
    declared,
  };
}

function machinesOf({ compute, serving, onRetiredSize }: StackConfig): MachineNeed[] {
  // The mistake of a retired size is a finding, not the end of the search.
  const policy = onRetiredSize === "fail" ? "keep" : onRetiredSize;
  const sized = (property: string, configured: string) => ({
    property,
    configured,
    vmSize: decideSize(property, configured, policy).vmSize,
  });
  const training: MachineNeed[] = compute.existing
    ? []
    : [
        {
          service: "Azure ML",
          ...sized("compute.vmSize", compute.vmSize),
          least: Math.max(1, compute.minNodes),
          most: compute.maxNodes,
          mostProperty: "compute.maxNodes",
        },
      ];
  if (serving.kind === "managed") {
    const { min } = serving.autoscale;
    // A new deployment is made beside the one that serves.
    const [most, mostProperty] = [2 * min, "serving.autoscale.min"];
    return [
      ...training,
      { service: "Azure ML", ...sized("serving.vmSize", serving.vmSize), least: min, most, mostProperty },
    ];
  }
  if (serving.existingCluster) return training;
  const { nodes, systemNodes } = serving;
  return [
    ...training,
    {
      service: "Compute",
      ...sized("serving.vmSize", serving.vmSize),
      least: Math.max(1, nodes.min),
      most: nodes.max,
      mostProperty: "serving.nodes.max",
    },
    {
      service: "Compute",
      ...sized("serving.systemNodes.vmSize", systemNodes.vmSize),
      least: systemNodes.min,
      most: systemNodes.max,
      mostProperty: "serving.systemNodes.max",
    },
  ];
}
