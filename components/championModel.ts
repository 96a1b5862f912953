import * as pulumi from "@pulumi/pulumi";
import type { DecisionRecord } from "../lib/promotion";
import { gitCommit } from "../lib/promotion/checkout";
import {
  ChampionVersion,
  type ChampionRecord,
  type ChampionVersionArgs,
  type PastChampion,
  type PromotionDecision,
} from "../providers/championModel/resource";
import { SharedModel } from "../providers/sharedModel/resource";
import type { DataAsset } from "./cocoDataset";
import type { ImageTrainingJob } from "./imageTrainingJob";
import type { Workspace } from "./workspace";

/** Rules of the gate, and what people decide beside it; see {@link ChampionVersionArgs} for each of them. */
export type PromotionRules = Pick<
  ChampionVersionArgs,
  | "minimumMetric"
  | "minimumDelta"
  | "perClassMinimum"
  | "minimumImages"
  | "onNewData"
  | "approval"
  | "approved"
  | "rollbackTo"
>;

export interface ChampionModelArgs {
  workspace: Workspace;
  /** Name of the registered model. */
  modelName: string;
  /** What is registered: the weights `outputs/model.pt` of the best trial, or its folder `outputs/mlflow-model`. @default "custom_model" */
  modelType?: "custom_model" | "mlflow_model";
  /** Jobs whose best trials are the candidates; none with a {@link source}. */
  jobs: readonly ImageTrainingJob[];
  /** The champion of another stack, in place of jobs. */
  source?: ChampionVersionArgs["source"];
  /** Shares the champion through a registry of Azure ML, as that of this stack (ORG/PROJECT/STACK). */
  sharing?: { registryId: string; stack: string };
  /** Schedule whose jobs are candidates as well. */
  schedule?: ChampionVersionArgs["schedule"];
  /** Data that the candidates were validated on. */
  validation: DataAsset;
  /** @default an absolute minimum of 0.1, and better than the champion; on new validation data the absolute rules alone */
  rules?: PromotionRules;
}

/** The best model so far, registered; only a better one takes its place. */
export class ChampionModel extends pulumi.ComponentResource {
  readonly record: pulumi.Output<ChampionRecord>;
  readonly decision: pulumi.Output<PromotionDecision>;
  /** The last decisions about single candidates, the newest first. */
  readonly decisions: pulumi.Output<DecisionRecord[]>;
  /** The champions before this one, the newest first. */
  readonly history: pulumi.Output<PastChampion[]>;
  /** Address of the blob with the report of the last decision, which takes a token to read; null when there is none. */
  readonly report: pulumi.Output<string | null>;
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
        modelType: args.modelType,
        jobs: args.jobs.map(({ jobName }) => jobName),
        source: args.source,
        schedule: args.schedule,
        dataAsset: args.validation.name,
        dataVersion: args.validation.version,
        dataId: args.validation.id,
        gitCommit: gitCommit(),
        ...args.rules,
      },
      // The names of the jobs are known before the jobs have run.
      { parent: this, dependsOn: [...args.jobs] },
    );
    if (args.sharing)
      new SharedModel(
        `${name}-shared`,
        {
          ...args.sharing,
          modelName: args.modelName,
          modelId: version.champion.id,
          promotedAt: version.champion.promotedAt,
        },
        { parent: this },
      );
    this.record = version.champion;
    this.decision = version.decision;
    this.decisions = version.decisions;
    this.history = version.history;
    this.report = version.report;
    this.modelId = version.champion.id;
    this.bestChild = version.champion.bestChild;
    this.registerOutputs({ record: this.record, decision: this.decision });
  }
}
