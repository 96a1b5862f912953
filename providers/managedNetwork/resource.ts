import * as pulumi from "@pulumi/pulumi";
import { dynamicProvider } from "../dynamicProvider";

const provider = dynamicProvider("managedNetwork");

export interface ManagedNetworkArgs {
  /** ARM id of a workspace with an isolation mode. */
  workspaceId: pulumi.Input<string>;
}

/**
 * Makes the network of a workspace's machines. Azure ML would make it with the first machine, which then waits for it; and
 * the workspace's identity has to be allowed to approve its private endpoints before.
 */
export class ManagedNetwork extends pulumi.dynamic.Resource {
  /** `Active` once it is made. */
  declare readonly status: pulumi.Output<string>;

  constructor(name: string, args: ManagedNetworkArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      { ...args, status: undefined },
      { ...opts, hideDiffs: ["__provider"] },
      "azureml",
      "ManagedNetwork",
    );
  }
}
