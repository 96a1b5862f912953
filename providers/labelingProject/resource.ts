import * as pulumi from "@pulumi/pulumi";
import type { LabelingProgress } from "../../lib/labeling/progress";
import { dynamicProvider } from "../dynamicProvider";
import type { StudioService } from "./studioProject";

const provider = dynamicProvider("labelingProject");

export interface LabelStudioProjectArgs extends StudioService {
  /** Address of the image gateway. */
  imagesUrl: pulumi.Input<string>;
  /** ARM id of the workspace. */
  workspaceId: pulumi.Input<string>;
  /** ARM id of the `uri_folder` data asset with the images. */
  dataId: pulumi.Input<string>;
  /** Makes the project's mark with the workspace; two projects of a workspace have two. */
  name: string;
  /** 3 to 50 characters. */
  title: string;
  labels: string[];
  /** What becomes of labels that are no more, in the annotations that have them. */
  renameLabels: Record<string, string>;
  instructions: { text: string; url: string };
  /** E-mail addresses of those whose work counts, everybody's when empty; who of them has not signed up is told. */
  labelers: string[];
  /** E-mail addresses of those whose work counts before that of others. */
  reviewers: string[];
  /** Whether images that come later become tasks. */
  incrementalRefresh: boolean;
  /** Whether a destroy deletes the project although people have annotated in it. */
  deleteAnnotations: boolean;
}

/** A project of Label Studio with a task for each image, found by a mark and kept as it is declared. */
export class LabelStudioProject extends pulumi.dynamic.Resource {
  declare readonly projectId: pulumi.Output<number>;
  declare readonly projectUrl: pulumi.Output<string>;
  /** Whoever has it can sign up as a labeler; a secret. */
  declare readonly labelersLink: pulumi.Output<string>;
  /** As it was when the project was last changed or refreshed. */
  declare readonly progress: pulumi.Output<LabelingProgress>;
  /** When the images were last looked through, ISO 8601. */
  declare readonly lastRefresh: pulumi.Output<string>;

  constructor(name: string, args: LabelStudioProjectArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      {
        ...args,
        mark: undefined,
        images: undefined,
        imageKeyId: undefined,
        projectId: undefined,
        projectUrl: undefined,
        labelersLink: undefined,
        progress: undefined,
        lastRefresh: undefined,
        complete: undefined,
      },
      { ...opts, hideDiffs: ["__provider"], additionalSecretOutputs: ["labelersLink"] },
      "labeling",
      "LabelStudioProject",
    );
  }
}
