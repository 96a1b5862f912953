import type * as pulumi from "@pulumi/pulumi";
import type { ServiceAccess } from "../../lib/labeling/connection";

/** Where a Label Studio is, and what lets the resources of its project in. */
export interface StudioService {
  /** Address of Label Studio. */
  url: pulumi.Input<string>;
  /**
   * Of a Label Studio that the stack runs itself; a secret of its state. Without it the token is LABEL_STUDIO_API_KEY of the
   * environment, and the keys of the gateway LABELING_IMAGES_KEYS; they are in no state.
   */
  access?: pulumi.Output<ServiceAccess>;
}

/** A project of Label Studio, for the resources that work on it. */
export interface StudioProject extends StudioService {
  /** ARM id of the workspace. */
  workspaceId: pulumi.Input<string>;
  /** ARM id of the `uri_folder` data asset with the images. */
  dataId: pulumi.Input<string>;
  /** Number of the project in Label Studio. */
  projectId: pulumi.Input<number>;
  /** Makes the project's mark with the workspace. */
  name: string;
}
