import * as pulumi from "@pulumi/pulumi";
import type { InstanceTypeSpec } from "../../lib/serving/instanceType";
import { dynamicProvider } from "../dynamicProvider";

const provider = dynamicProvider("clusterObjects");

export interface ClusterObjectsArgs {
  /** ARM id of the AKS cluster, which has the Azure ML extension. */
  clusterId: pulumi.Input<string>;
  /** Project and stack; what others have made is neither changed nor removed. */
  owner: string;
  /** Namespace of the deployments; made when it is not there. */
  namespace: string;
  /** Instance types by name. */
  instanceTypes: pulumi.Input<Record<string, InstanceTypeSpec>>;
}

/**
 * The namespace and the instance types of deployments in a cluster, applied by run-command: no credential of the cluster is
 * held or stored. On destroy the instance types go, and the namespace, if this stack has made it and nothing else is in it.
 */
export class ClusterObjects extends pulumi.dynamic.Resource {
  /** What is not as declared: missing or changed by hand. */
  declare readonly drift: pulumi.Output<string[]>;

  constructor(name: string, args: ClusterObjectsArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      { ...args, drift: undefined, made: undefined },
      { ...opts, hideDiffs: ["__provider"] },
      "azureml",
      "ClusterObjects",
    );
  }
}
