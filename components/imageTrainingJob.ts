import * as pulumi from "@pulumi/pulumi";
import { basename, extname } from "node:path";
import { buildJobBody, jobBaseName, workspaceResolver, type ParsedJob } from "../lib/automl";
import { TrainingJob } from "../providers/trainingJob/resource";
import type { DataAsset } from "./cocoDataset";
import type { GpuCluster } from "./gpuCluster";
import type { Workspace } from "./workspace";

export interface ImageTrainingJobArgs {
  workspace: Workspace;
  /** The job as its file has it: Azure ML CLI v2 YAML; `az ml job create -f` takes the same file. */
  job: ParsedJob;
  /** Cluster of this stack, which `compute: azureml:NAME` means. */
  cluster: GpuCluster;
  /** Data assets of this stack, which `path: azureml:NAME@latest` means; their version is pinned into the job. */
  data: readonly DataAsset[];
  /** How long `up` waits for the job. @default 720 */
  deadlineMinutes?: number;
  /** Another value trains again although nothing else changed. */
  forceToken?: string;
}

/** An AutoML image job from its file: one job for equal inputs, watched to its end. */
export class ImageTrainingJob extends pulumi.ComponentResource {
  readonly jobName: pulumi.Output<string>;
  readonly status: pulumi.Output<string>;
  readonly studioUrl: pulumi.Output<string | null>;

  constructor(name: string, args: ImageTrainingJobArgs, opts?: pulumi.ComponentResourceOptions) {
    super("objectdetection:index:ImageTrainingJob", name, {}, opts);
    const { file, spec, warnings } = args.job;
    for (const warning of warnings) void pulumi.log.warn(warning, this);

    const body = pulumi
      .all([args.workspace.id, args.cluster.name, args.cluster.id, ...args.data.map(({ id }) => id)])
      .apply(([workspaceId, clusterName, clusterId, ...dataIds]) => {
        const data = Object.fromEntries(args.data.map((asset, index) => [asset.name, dataIds[index] ?? ""]));
        const resolve = workspaceResolver({ workspaceId, pinned: { compute: { [clusterName]: clusterId }, data } });
        return buildJobBody(spec, resolve).properties;
      });
    const job = new TrainingJob(
      `${name}-job`,
      {
        workspaceId: args.workspace.id,
        baseName: jobBaseName(spec.name ?? spec.display_name ?? basename(file, extname(file))),
        body,
        forceToken: args.forceToken,
        deadlineMinutes: args.deadlineMinutes,
      },
      { parent: this },
    );
    this.jobName = job.jobName;
    this.status = job.status;
    this.studioUrl = job.studioUrl;
    this.registerOutputs({ jobName: this.jobName, status: this.status });
  }
}
