import * as pulumi from "@pulumi/pulumi";
import { dynamicProvider } from "../dynamicProvider";
import type { ProbeData } from "./prober";
import type { RolloutRules } from "./rollout";
import type { Shares } from "./traffic";

const provider = dynamicProvider("endpointTraffic");

export interface EndpointTrafficArgs {
  /** ARM id of the online endpoint. */
  endpointId: pulumi.Input<string>;
  /** Deployment that gets all traffic in the end. */
  deployment: pulumi.Input<string>;
  /** What the deployments of this stack are tagged with; others are never deleted. */
  owner: string;
  rules: RolloutRules;
  /** Pictures that deployments are probed with; null probes nothing. */
  probes: pulumi.Input<{ [Key in keyof ProbeData]: pulumi.Input<ProbeData[Key]> }> | null;
  /** How long a deployment without traffic is kept, for a quick way back. */
  keepMinutes: number;
}

/**
 * The traffic of an online endpoint, moved to another deployment step by step while both are probed. It is a resource of
 * its own since traffic is a property of the endpoint that may name only deployments that exist, and deployments need the
 * endpoint first.
 */
export class EndpointTraffic extends pulumi.dynamic.Resource {
  /** Provisioning state of the endpoint, as it answered after the traffic had been set. */
  declare readonly state: pulumi.Output<string>;
  declare readonly scoringUri: pulumi.Output<string>;
  declare readonly swaggerUri: pulumi.Output<string>;
  /** Percent by deployment, as it was read back. */
  declare readonly traffic: pulumi.Output<Shares>;

  constructor(name: string, args: EndpointTrafficArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      {
        ...args,
        traffic: undefined,
        state: undefined,
        scoringUri: undefined,
        swaggerUri: undefined,
        steps: undefined,
        retired: undefined,
      },
      { ...opts, hideDiffs: ["__provider"] },
      "azureml",
      "EndpointTraffic",
    );
  }
}
