import type * as pulumi from "@pulumi/pulumi";

/** A project of Label Studio, for the resources that work on it. */
export interface StudioProject {
  /** Address of Label Studio; its token is LABEL_STUDIO_API_KEY of the environment, and in no state. */
  url: string;
  /** ARM id of the workspace. */
  workspaceId: pulumi.Input<string>;
  /** ARM id of the `uri_folder` data asset with the images. */
  dataId: pulumi.Input<string>;
  /** Number of the project in Label Studio. */
  projectId: pulumi.Input<number>;
  /** Makes the project's mark with the workspace. */
  name: string;
}
