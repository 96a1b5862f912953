import * as pulumi from "@pulumi/pulumi";
import { dynamicProvider } from "../dynamicProvider";

const provider = dynamicProvider("purge");

export interface PurgeArgs {
  /** ARM id of a workspace or a vault that depends on this resource, and so is deleted before it. */
  resourceId: pulumi.Input<string>;
  location: pulumi.Input<string>;
}

/**
 * Frees the name of a workspace or vault: Azure keeps deleted ones for days, and their names with them. azure-native has no
 * purge (its deletion of a workspace takes no `forceToPurge`), so this one comes after the deletion.
 */
export class Purge extends pulumi.dynamic.Resource {
  constructor(name: string, args: PurgeArgs, opts?: pulumi.CustomResourceOptions) {
    super(provider, name, { ...args }, { ...opts, hideDiffs: ["__provider"] }, "azureml", "Purge");
  }
}
