import * as pulumi from "@pulumi/pulumi";
import { dynamicProvider } from "../dynamicProvider";

const provider = dynamicProvider("batchDefault");

export interface BatchDefaultArgs {
  /** ARM id of the batch endpoint. */
  endpointId: pulumi.Input<string>;
  /** Name of a deployment that is there. */
  deployment: pulumi.Input<string>;
}

/**
 * Which deployment of a batch endpoint answers requests that name none. A resource of its own, since an endpoint may name
 * only a deployment that exists, and that is made after it.
 */
export class BatchDefault extends pulumi.dynamic.Resource {
  declare readonly deployment: pulumi.Output<string>;
  /** Provisioning state of the endpoint. */
  declare readonly state: pulumi.Output<string>;
  /** Where jobs are asked for. */
  declare readonly scoringUri: pulumi.Output<string>;

  constructor(name: string, args: BatchDefaultArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      { ...args, current: undefined, state: undefined, scoringUri: undefined },
      { ...opts, hideDiffs: ["__provider"] },
      "azureml",
      "BatchDefault",
    );
  }
}
