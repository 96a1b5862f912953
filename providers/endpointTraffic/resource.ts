import * as pulumi from "@pulumi/pulumi";
import { dynamicProvider } from "../dynamicProvider";

const provider = dynamicProvider("endpointTraffic");

export interface EndpointTrafficArgs {
  /** ARM id of the online endpoint. */
  endpointId: pulumi.Input<string>;
  /** Percent for each deployment; sums to 100. Deployments that are not named get none. */
  traffic: pulumi.Input<Record<string, pulumi.Input<number>>>;
}

/**
 * The traffic of an online endpoint. It is a resource of its own since traffic is a property of the endpoint that may
 * name only deployments that exist, and deployments need the endpoint first.
 */
export class EndpointTraffic extends pulumi.dynamic.Resource {
  /** Provisioning state of the endpoint, as it answered after the traffic had been set. */
  declare readonly state: pulumi.Output<string>;
  declare readonly scoringUri: pulumi.Output<string>;
  declare readonly swaggerUri: pulumi.Output<string>;
  declare readonly traffic: pulumi.Output<Record<string, number>>;

  constructor(name: string, args: EndpointTrafficArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      { ...args, state: undefined, scoringUri: undefined, swaggerUri: undefined },
      { ...opts, hideDiffs: ["__provider"] },
      "azureml",
      "EndpointTraffic",
    );
  }
}
