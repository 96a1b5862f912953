import * as pulumi from "@pulumi/pulumi";
import { dynamicProvider } from "../dynamicProvider";

const provider = dynamicProvider("assetVersion");

export interface AssetVersionArgs {
  /** ARM id of the workspace. */
  workspaceId: pulumi.Input<string>;
  /** Kind of asset, as the workspace's collections are called. */
  kind: "data" | "codes" | "environments";
  /** Name of the asset. */
  assetName: pulumi.Input<string>;
  /** Version; made from the content, so that equal content is an equal version. */
  version: pulumi.Input<string>;
  /** `properties` of the ARM body. */
  properties: pulumi.Input<Record<string, pulumi.Input<unknown>>>;
  /** What becomes of this version when another takes its place or the stack goes: it stays as it is, or is archived. @default "keep" */
  onSuperseded?: pulumi.Input<"keep" | "archive">;
}

/**
 * A version of a workspace's asset whose name comes from its content. Versions are immutable and stay when the stack moves
 * on, so that jobs and models can go on referring to them; a version that is there already (data that came back, a second
 * stack) is adopted. azure-native would refuse it as "already existing".
 */
export class AssetVersion extends pulumi.dynamic.Resource {
  declare readonly assetName: pulumi.Output<string>;
  declare readonly version: pulumi.Output<string>;
  /** ARM id of the version; known in preview when the workspace is. */
  declare readonly assetId: pulumi.Output<string>;

  constructor(name: string, args: AssetVersionArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      { ...args, onSuperseded: args.onSuperseded ?? "keep", assetId: undefined },
      { ...opts, hideDiffs: ["__provider"] },
      "azureml",
      "AssetVersion",
    );
  }
}
