import * as pulumi from "@pulumi/pulumi";
import { dynamicProvider } from "../dynamicProvider";

const provider = dynamicProvider("sharedModel");

export interface SharedModelArgs {
  /** ARM id of the registry. */
  registryId: pulumi.Input<string>;
  /** Name of the model there. */
  modelName: pulumi.Input<string>;
  /** ORG/PROJECT/STACK whose champion it is. */
  stack: pulumi.Input<string>;
  /** ARM id of the champion's version in the workspace. */
  modelId: pulumi.Input<string>;
  /** ISO time of its promotion; the latest one of a stack is its champion. */
  promotedAt: pulumi.Input<string>;
}

/** The champion in a registry of Azure ML, from where other stacks take it. */
export class SharedModel extends pulumi.dynamic.Resource {
  /** Version in the registry, which its content names. */
  declare readonly version: pulumi.Output<string>;
  /** `azureml://registries/…`. */
  declare readonly assetUri: pulumi.Output<string>;

  constructor(name: string, args: SharedModelArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      { ...args, version: undefined, assetUri: undefined },
      { ...opts, hideDiffs: ["__provider"] },
      "azureml",
      "SharedModel",
    );
  }
}
