import * as pulumi from "@pulumi/pulumi";
import * as ml from "@pulumi/azure-native/machinelearningservices";
import type { machinelearningservices } from "@pulumi/azure-native/types/output";
import { labelingRetiredOn } from "../../lib/labeling/config";
import type { Labeling, LabelingProjectArgs } from "../labelingProject";

/**
 * A project of Azure ML's own labeling service, for subscriptions that still have it. Its name is made from the resource's
 * and eight digits: the Node SDK of Pulumi never sends an argument called `id`, which is the name's, and Azure lets no name be
 * used again, not even after deletion.
 */
export class AzureLabeling implements Labeling {
  readonly id: pulumi.Output<string>;
  readonly projectName: pulumi.Output<string>;
  readonly url = pulumi.output(null);
  readonly labelersLink = pulumi.output(null);
  readonly progress: Labeling["progress"];
  readonly lastRefresh: Labeling["lastRefresh"];
  readonly lastExport = pulumi.output(null);

  constructor(name: string, args: LabelingProjectArgs, opts: pulumi.CustomResourceOptions) {
    void pulumi.log.info(
      `Azure retired Azure ML data labeling on ${labelingRetiredOn}: a subscription without an existing project may refuse this resource. ` +
        'Set labeling.service to "labelStudio", or to "none" to leave it out.',
      opts.parent,
    );
    const job = new ml.LabelingJob(
      `${name}-job`,
      { ...args.workspace.placement, labelingJobProperties: labelingJob(args) },
      // A project keeps the version that it began with: it finds new images in the folder, and other data is another project.
      { ...opts, ignoreChanges: ["labelingJobProperties.dataConfiguration.dataId"] },
    );
    this.id = job.id;
    this.projectName = job.name;
    // An up with targets that leaves the project out knows nothing of it.
    const properties: pulumi.Output<machinelearningservices.LabelingJobResponse | undefined> =
      job.labelingJobProperties;
    const metrics = properties.apply((known) => known?.progressMetrics);
    this.progress = metrics.apply((progressMetrics) => {
      const {
        totalDatapointCount: total = 0,
        completedDatapointCount: labeled = 0,
        skippedDatapointCount: skipped = 0,
      } = progressMetrics ?? {};
      // The service tells neither what it has pre-labeled nor who has labeled.
      return { total, labeled, skipped, left: total - labeled - skipped, preLabeled: 0, byLabeler: [] };
    });
    this.lastRefresh = metrics.apply((known) => known?.incrementalDataLastRefreshDateTime ?? null);
  }

  /** The service trains a model of its own for that. */
  assist(): void {}
}

function labelingJob(args: LabelingProjectArgs) {
  const assist = args.mlAssist.enabled ? args.mlAssist.computeId : undefined;
  const classes = args.labels.map((label) => [label, { displayName: label, subclasses: {} }] as const);
  return {
    jobType: "Labeling",
    displayName: args.title,
    dataConfiguration: {
      dataId: args.dataId,
      incrementalDataRefresh: (args.incrementalRefresh ?? true) ? "Enabled" : "Disabled",
    },
    jobInstructions: { uri: args.instructions.url },
    labelCategories: {
      objects: { displayName: "Objects", multiSelect: "Disabled", classes: Object.fromEntries(classes) },
    },
    labelingJobMediaProperties: { mediaType: "Image", annotationType: "BoundingBox" },
    // Without explicit computes the service makes a cluster of a size that no longer exists.
    mlAssistConfiguration: assist
      ? { mlAssist: "Enabled", trainingComputeBinding: assist, inferencingComputeBinding: assist }
      : { mlAssist: "Disabled" },
  } satisfies ml.LabelingJobArgs["labelingJobProperties"];
}
