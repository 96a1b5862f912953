import * as pulumi from "@pulumi/pulumi";
import { decideSize, type RetiredSizePolicy } from "../lib/azure/sizes";
import type { ServingKind } from "../lib/serving/deploymentSettings";

/** Where deployments run. */
export interface ServingTarget {
  kind: ServingKind;
  /** ARM id of the Kubernetes compute; managed endpoints have none. */
  computeId?: pulumi.Output<string>;
  /** The cluster's instance type, or the size of the machines. */
  instanceType: string;
}

/**
 * Machines that Azure ML runs for the endpoint: nothing is made before its deployments.
 * @throws UserError when the size is retired and the policy is `fail`
 */
export function managedMachines(vmSize: string, onRetiredSize: RetiredSizePolicy): ServingTarget {
  const size = decideSize("serving.vmSize", vmSize, onRetiredSize);
  if (size.warning) void pulumi.log.warn(size.warning);
  return { kind: "managed", instanceType: size.vmSize };
}
