import * as pulumi from "@pulumi/pulumi";
import {
  buildJobBody,
  localAssetName,
  titleOf,
  workspaceResolver,
  type JobReference,
  type ParsedJob,
} from "../lib/automl";
import { machineSize } from "../lib/azure/machineSizes";
import { trainingOf, type Training } from "../lib/summary";
import { TrainingJob, type TrainingJobArgs } from "../providers/trainingJob/resource";
import type { DataAsset } from "./cocoDataset";
import type { GpuCluster } from "./gpuCluster";
import { TableFolder, type UploadTarget } from "./tableFolder";
import type { Workspace } from "./workspace";

export interface ImageTrainingJobArgs {
  workspace: Workspace;
  /** The job as its file has it: Azure ML CLI v2 YAML; `az ml job create -f` takes the same file. */
  job: ParsedJob;
  /** Cluster of this stack, which `compute: azureml:NAME` means. */
  cluster: GpuCluster;
  /** Data assets of this stack, which `path: azureml:NAME@latest` means; their version is pinned into the job. */
  data: readonly DataAsset[];
  /** Where local MLTable folders go that the job names. */
  uploads: UploadTarget;
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
  readonly title: string;
  /** The job as it is sent to Azure ML, with its inputs pinned. */
  readonly body: pulumi.Output<Record<string, unknown>>;
  private readonly job: TrainingJob;

  constructor(name: string, args: ImageTrainingJobArgs, opts?: pulumi.ComponentResourceOptions) {
    super("objectdetection:index:ImageTrainingJob", name, {}, opts);
    const { spec, references, warnings } = args.job;
    for (const warning of warnings) void pulumi.log.warn(warning, this);

    const { workspace, cluster } = args;
    const body = pulumi
      .all([
        workspace.id,
        cluster.name,
        cluster.id,
        this.pinData(name, args),
        latestOf("environment", workspace, references),
      ])
      .apply(([workspaceId, clusterName, clusterId, data, environment]) => {
        const pinned = { compute: { [clusterName]: clusterId }, data, environment };
        return buildJobBody(spec, workspaceResolver({ workspaceId, pinned })).properties;
      });
    this.title = titleOf(args.job);
    this.body = body;
    const job = new TrainingJob(
      `${name}-job`,
      {
        workspaceId: args.workspace.id,
        baseName: this.title,
        body,
        forceToken: args.forceToken,
        ...args.waiting,
        cost: costRate(args, spec.limits?.max_concurrent_trials ?? 1),
        bounds: {
          vmSize: cluster.vmSize,
          trials: spec.limits?.max_trials ?? 1,
          concurrentTrials: spec.limits?.max_concurrent_trials ?? 1,
          maxNodes: cluster.maxNodes,
          timeoutMinutes: spec.limits?.timeout_minutes ?? null,
        },
      },
      { parent: this },
    );
    this.job = job;
    this.jobName = job.runName;
    this.status = job.status;
    this.studioUrl = job.studioUrl;
    this.registerOutputs({ jobName: this.jobName, status: this.status });
  }

  /** What became of the job in an `up` that began at a time, in milliseconds since 1970. */
  trainingSince(begun: number): pulumi.Output<Training> {
    const { runName, status, trials, nodeHours, endedAt, bounds } = this.job;
    return pulumi
      .output({ runName, status, trials, nodeHours, endedAt, bounds })
      .apply((state) => trainingOf(state, begun));
  }

  /** ARM ids of what the job means by `azureml:NAME@latest` and by a local folder: this stack's assets, else the workspace's. */
  private pinData(name: string, args: ImageTrainingJobArgs): pulumi.Output<Record<string, string>> {
    const { workspace, uploads, job, data } = args;
    const folders = new Set(
      job.references.flatMap(({ reference }) => (reference.form === "local" ? [reference.folder] : [])),
    );
    const tables = [...folders].map((folder) => {
      const table = new TableFolder(
        `${name}-${localAssetName(folder)}`,
        { workspace, target: uploads, folder, labelColumn: job.spec.target_column_name },
        { parent: this },
      );
      return [folder, table.id] as const;
    });
    const own = Object.fromEntries([...data.map((asset) => [asset.name, asset.id] as const), ...tables]);
    return pulumi
      .all([latestOf("data", workspace, job.references), pulumi.all(own)])
      .apply(([latest, pinned]) => ({ ...latest, ...pinned }));
  }
}

/** `NAME@latest` as the workspace's label; the job's provider pins it to the version of that moment. */
function latestOf(
  kind: "data" | "environment",
  workspace: Workspace,
  references: readonly JobReference[],
): pulumi.Output<Record<string, string>> {
  const collection = kind === "data" ? "data" : "environments";
  const names = references.flatMap(({ kind: of, reference }) =>
    of === kind && reference.form === "latest" ? [reference.name] : [],
  );
  return workspace.id.apply((id) =>
    Object.fromEntries(names.map((name) => [name, `${id}/${collection}/${name}/labels/latest`])),
  );
}

/** Undefined where no price of the size is known. */
function costRate({ cluster, pricePerHour }: ImageTrainingJobArgs, concurrentTrials: number) {
  const perNodeHour = pricePerHour ?? machineSize(cluster.vmSize)?.pricePerHour;
  return perNodeHour === undefined ? undefined : { perNodeHour, nodes: Math.min(concurrentTrials, cluster.maxNodes) };
}
