import * as pulumi from "@pulumi/pulumi";
import { dynamicProvider } from "../dynamicProvider";

const provider = dynamicProvider("onlineDeployment");

export interface OnlineDeploymentArgs {
  /** ARM id of the online endpoint. */
  endpointId: pulumi.Input<string>;
  /** Made of everything that the deployment is made of: equal names serve alike. */
  deploymentName: pulumi.Input<string>;
  location: pulumi.Input<string>;
  /** Replicas at the start. */
  capacity: pulumi.Input<number>;
  tags: Record<string, string>;
  /** Whether the endpoint's traffic sees to its end, since it is kept for a while without traffic. */
  endsWithTraffic: boolean;
  /** `properties` of the request body. */
  properties: Record<string, unknown>;
}

/**
 * A deployment of an online endpoint. Not azure-native's, which refuses a deployment that is there already: one that
 * another run left, or that a rollback comes back to, is taken up here, and one that has traffic is never deleted.
 */
export class OnlineDeployment extends pulumi.dynamic.Resource {
  declare readonly deploymentName: pulumi.Output<string>;
  /** Provisioning state: "Succeeded" when it serves. */
  declare readonly state: pulumi.Output<string>;

  constructor(name: string, args: OnlineDeploymentArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      { ...args, deploymentId: undefined, state: undefined, applied: undefined, edited: undefined },
      { ...opts, hideDiffs: ["__provider"] },
      "azureml",
      "OnlineDeployment",
    );
  }
}
