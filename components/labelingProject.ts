import * as pulumi from "@pulumi/pulumi";
import * as ml from "@pulumi/azure-native/machinelearningservices";
import type { Workspace } from "./workspace";

export interface LabelingProjectArgs {
  workspace: Workspace;
  /**
   * Title of the project. Its name is made from the resource's and eight digits: the Node SDK of Pulumi never sends an
   * argument called `id`, which is the name's, and Azure lets no name be used again, not even after deletion.
   */
  title: string;
  /** ARM id of the `uri_folder` data asset with the images. */
  dataId: pulumi.Input<string>;
  /** Class names, for example person, food, animal. */
  labels: readonly string[];
  /** Page with the instructions that labelers see. */
  instructionsUrl: string;
  /** Takes up images that are added to the folder later. @default true */
  incrementalRefresh?: boolean;
  /** Lets a model pre-label the rest after the first images, on this compute; without one there is no pre-labeling. */
  mlAssistComputeId?: pulumi.Input<string>;
}

/** When Azure ML's data labeling was retired; see https://azure.microsoft.com/updates/?id=501692. */
const retiredOn = "2026-09-30";

/** A bounding-box labeling project of Azure ML over the images. */
export class LabelingProject extends pulumi.ComponentResource {
  readonly id: pulumi.Output<string>;
  /** Name of the project in the workspace. */
  readonly projectName: pulumi.Output<string>;
  readonly progress: pulumi.Output<{ total: number; labeled: number; skipped: number; left: number }>;

  constructor(name: string, args: LabelingProjectArgs, opts?: pulumi.ComponentResourceOptions) {
    super("objectdetection:index:LabelingProject", name, {}, opts);
    void pulumi.log.info(
      `Azure retired Azure ML data labeling on ${retiredOn}: a subscription without an existing project may refuse this resource. ` +
        'Set labeling.service to "none" to leave it out.',
      this,
    );
    const assist = args.mlAssistComputeId;
    const job = new ml.LabelingJob(
      `${name}-job`,
      {
        ...args.workspace.placement,
        labelingJobProperties: {
          jobType: "Labeling",
          displayName: args.title,
          dataConfiguration: {
            dataId: args.dataId,
            incrementalDataRefresh: (args.incrementalRefresh ?? true) ? "Enabled" : "Disabled",
          },
          jobInstructions: { uri: args.instructionsUrl },
          labelCategories: {
            objects: {
              displayName: "Objects",
              multiSelect: "Disabled",
              classes: Object.fromEntries(args.labels.map((label) => [label, { displayName: label, subclasses: {} }])),
            },
          },
          labelingJobMediaProperties: { mediaType: "Image", annotationType: "BoundingBox" },
          // Without explicit computes the service makes a cluster of a size that no longer exists.
          mlAssistConfiguration: assist
            ? { mlAssist: "Enabled", trainingComputeBinding: assist, inferencingComputeBinding: assist }
            : { mlAssist: "Disabled" },
        },
      },
      { parent: this },
    );
    this.id = job.id;
    this.projectName = job.name;
    this.progress = job.labelingJobProperties.apply(({ progressMetrics }) => {
      const {
        totalDatapointCount: total = 0,
        completedDatapointCount: labeled = 0,
        skippedDatapointCount: skipped = 0,
      } = progressMetrics ?? {};
      return { total, labeled, skipped, left: total - labeled - skipped };
    });
    this.registerOutputs({ id: this.id, progress: this.progress });
  }
}
