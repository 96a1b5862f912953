import * as pulumi from "@pulumi/pulumi";
import { dynamicProvider } from "../dynamicProvider";

const provider = dynamicProvider("batchDeployment");

export interface BatchDeploymentArgs {
  /** ARM id of the batch endpoint. */
  endpointId: pulumi.Input<string>;
  /** Made of everything that the deployment is made of: equal names score alike. */
  deploymentName: pulumi.Input<string>;
  location: pulumi.Input<string>;
  tags: Record<string, string>;
  /** `properties` of the request body. */
  properties: Record<string, unknown>;
}

/**
 * A deployment of a batch endpoint. Not azure-native's, which refuses a deployment that is there already: one that an
 * interrupted run left, or that a rollback comes back to, is taken up here, and the default one is never deleted.
 */
export class BatchDeployment extends pulumi.dynamic.Resource {
  declare readonly deploymentName: pulumi.Output<string>;
  /** Provisioning state. */
  declare readonly state: pulumi.Output<string>;

  constructor(name: string, args: BatchDeploymentArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      {
        ...args,
        endsWithTraffic: false,
        deploymentId: undefined,
        state: undefined,
        applied: undefined,
        edited: undefined,
      },
      { ...opts, hideDiffs: ["__provider"] },
      "azureml",
      "BatchDeployment",
    );
  }
}
