import * as pulumi from "@pulumi/pulumi";
import type { Decision } from "../lib/promotion";
import { ChampionVersion, type ChampionRecord } from "../providers/championModel/resource";
import type { DataAsset } from "./cocoDataset";
import type { ImageTrainingJob } from "./imageTrainingJob";
import type { Workspace } from "./workspace";

export interface ChampionModelArgs {
  workspace: Workspace;
  /** Name of the registered model. */
  modelName: string;
  /** Jobs whose best trials are the candidates. */
  jobs: readonly ImageTrainingJob[];
  /** Data that the candidates were validated on. */
  validation: DataAsset;
  /** A candidate below this primary metric is never promoted. @default 0.1 */
  minimumMetric?: number;
  /** A candidate must beat the champion by more than this. @default 0 */
  minimumDelta?: number;
}

/** The best model so far, registered; only a better one takes its place. */
export class ChampionModel extends pulumi.ComponentResource {
  readonly record: pulumi.Output<ChampionRecord>;
  readonly decision: pulumi.Output<Decision>;
  /** ARM id of the model version. */
  readonly modelId: pulumi.Output<string>;
  /** Run that trained the model. */
  readonly bestChild: pulumi.Output<string>;

  constructor(name: string, args: ChampionModelArgs, opts?: pulumi.ComponentResourceOptions) {
    super("objectdetection:index:ChampionModel", name, {}, opts);
    const version = new ChampionVersion(
      `${name}-version`,
      {
        workspaceId: args.workspace.id,
        modelName: args.modelName,
        jobs: args.jobs.map(({ jobName }) => jobName),
        dataVersion: args.validation.version,
        minimumMetric: args.minimumMetric ?? 0.1,
        minimumDelta: args.minimumDelta ?? 0,
      },
      // The names of the jobs are known before the jobs have run.
      { parent: this, dependsOn: [...args.jobs] },
    );
    this.record = version.champion;
    this.decision = version.decision;
    this.modelId = version.champion.id;
    this.bestChild = version.champion.bestChild;
    this.registerOutputs({ record: this.record, decision: this.decision });
  }
}
