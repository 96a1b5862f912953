import * as pulumi from "@pulumi/pulumi";
import { basename, extname } from "node:path";
import { buildJobBody, jobBaseName, workspaceResolver, type ParsedJob } from "../lib/automl";
import { listPrice } from "../lib/azure/prices";
import { TrainingJob, type TrainingJobArgs } from "../providers/trainingJob/resource";
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
  /** Another value trains again although nothing else changed. */
  forceToken?: string;
  /** How `up` waits for the job, and what becomes of it; see {@link TrainingJobArgs}. */
  waiting?: Pick<
    TrainingJobArgs,
    "deadlineMinutes" | "wait" | "onInterrupt" | "onFailure" | "onDestroy" | "preemptionRetries"
  >;
  /** Price in USD of a node and hour, for the worst-case cost in the progress lines. @default the list price of the cluster's size */
  pricePerHour?: number;
}

/** An AutoML image job from its file: one job for equal inputs, watched to its end. */
export class ImageTrainingJob extends pulumi.ComponentResource {
  /** Name of the job in the workspace. */
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
        ...args.waiting,
        cost: costRate(args, spec.limits?.max_concurrent_trials ?? 1),
      },
      { parent: this },
    );
    this.jobName = job.runName;
    this.status = job.status;
    this.studioUrl = job.studioUrl;
    this.registerOutputs({ jobName: this.jobName, status: this.status });
  }
}

/** Undefined where no price of the size is known. */
function costRate({ cluster, pricePerHour }: ImageTrainingJobArgs, concurrentTrials: number) {
  const perNodeHour = pricePerHour ?? listPrice(cluster.vmSize);
  return perNodeHour === undefined ? undefined : { perNodeHour, nodes: Math.min(concurrentTrials, cluster.maxNodes) };
}
