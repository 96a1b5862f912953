import * as pulumi from "@pulumi/pulumi";
import type { DecisionRecord } from "../../lib/promotion";
import { dynamicProvider } from "../dynamicProvider";

const provider = dynamicProvider("championModel");

export interface ChampionVersionArgs {
  /** ARM id of the workspace. */
  workspaceId: pulumi.Input<string>;
  /** Name of the registered model. */
  modelName: pulumi.Input<string>;
  /**
   * What is registered: the weights `outputs/model.pt` of the best trial, or its folder `outputs/mlflow-model`. A champion
   * keeps its form until it is a candidate again. The endpoint of this program serves the weights.
   * @default "custom_model"
   */
  modelType?: pulumi.Input<"custom_model" | "mlflow_model">;
  /** Names of the jobs whose best trials are the candidates; none with a {@link source}. */
  jobs: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * The champion of another stack, which is the one candidate: its model is copied into this workspace, and only the rules
   * that need no comparison count. With the ARM id of a registry it is the one that the stack has shared there last.
   * @default none
   */
  source?: { stack: string; modelId: pulumi.Input<string> } | { stack: string; registryId: string };
  /** Schedule whose ended jobs are candidates as well, the latest ones. @default none */
  schedule?: { name: pulumi.Input<string>; candidates: number };
  /** Name of the validation data asset. */
  dataAsset: pulumi.Input<string>;
  /** Version of the validation data, on which the candidates were measured. */
  dataVersion: pulumi.Input<string>;
  /** ARM id of the validation data's version; its images are counted when {@link minimumImages} asks for some. */
  dataId: pulumi.Input<string>;
  /** A candidate below this primary metric is never promoted. @default 0.1 */
  minimumMetric?: pulumi.Input<number>;
  /** A candidate must beat the champion by more than this. @default 0 */
  minimumDelta?: pulumi.Input<number>;
  /** Least average precision of every label that the trial reports, or of the labels given; 0 is no floor. @default 0 */
  perClassMinimum?: pulumi.Input<number | Record<string, number>>;
  /** Fewest validation images that make a figure worth something; 0 is no rule. @default 0 */
  minimumImages?: pulumi.Input<number>;
  /**
   * What happens when the champion was measured on other validation data, so that its figure cannot be compared:
   * "absolute" lets the rules that need no comparison decide, "hold" waits for an approval.
   * @default "absolute"
   */
  onNewData?: pulumi.Input<"absolute" | "hold">;
  /** "required" registers a candidate that passes, and lets the champion serve until the candidate is {@link approved}. @default "none" */
  approval?: pulumi.Input<"none" | "required">;
  /** The one candidate that may pass: its model version, as the decision names it, or the run that trained it. @default none */
  approved?: pulumi.Input<string>;
  /** Version that serves, whatever the candidates are, until this is removed. @default none */
  rollbackTo?: pulumi.Input<string>;
  /** Git commit of the program, for the record; another one alone changes nothing. @default "unknown" */
  gitCommit?: pulumi.Input<string>;
}

/** The champion, flat and without secrets, as the stack's outputs show it. */
export interface ChampionRecord {
  model: string;
  version: string;
  /** ARM id of the model version. */
  id: string;
  modelType: string;
  metric: string;
  /** Primary metric; 0 for a version that somebody else registered and tagged without its figure. */
  value: number;
  job: string;
  bestChild: string;
  /** Kind of model that the best child trained, for example yolov5. */
  architecture: string;
  dataVersion: string;
  /** ISO time. */
  promotedAt: string;
  /** Commit of the program that registered it; "-dirty" at its end says that the checkout had changes. */
  gitCommit: string;
  /** Hash of the job's inputs, as it is in the job's name. */
  specHash: string;
}

/** A version that was the champion before. */
export interface PastChampion {
  version: string;
  metric: string;
  value: number | null;
  job: string;
  bestChild: string;
  dataVersion: string;
  /** ISO time. */
  promotedAt: string;
  /** ISO time; null when no other version took its place in the regular way. */
  demotedAt: string | null;
  /** Only an available one can be brought back. */
  state: "available" | "archived" | "deleted";
}

/** What the last run of the gate came to. */
export interface PromotionDecision {
  /** Whether another version serves since. */
  promoted: boolean;
  outcome: "promoted" | "pending" | "held" | "champion" | "rolledBack";
  /** For people, with the numbers. */
  reason: string;
  /** Version that waits for its approval, the value that `model.approved` has to get; null when none does. */
  pendingVersion: string | null;
}

/** Chooses the best candidate of the jobs and, when the gate lets it pass, registers it as the one champion version. */
export class ChampionVersion extends pulumi.dynamic.Resource {
  declare readonly champion: pulumi.Output<ChampionRecord>;
  declare readonly decision: pulumi.Output<PromotionDecision>;
  /** The last decisions about single candidates, the newest first. */
  declare readonly decisions: pulumi.Output<DecisionRecord[]>;
  /** The champions before this one, the newest first. */
  declare readonly history: pulumi.Output<PastChampion[]>;
  /** Address of the blob with the report of the last decision; null when it could not be written. */
  declare readonly report: pulumi.Output<string | null>;

  constructor(name: string, args: ChampionVersionArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      {
        ...args,
        modelType: args.modelType ?? "custom_model",
        minimumMetric: args.minimumMetric ?? 0.1,
        minimumDelta: args.minimumDelta ?? 0,
        perClassMinimum: args.perClassMinimum ?? 0,
        minimumImages: args.minimumImages ?? 0,
        onNewData: args.onNewData ?? "absolute",
        approval: args.approval ?? "none",
        // Empty in place of absent: the engine's provider sees a change of an input, and no input that is gone.
        approved: args.approved ?? "",
        rollbackTo: args.rollbackTo ?? "",
        gitCommit: args.gitCommit ?? "unknown",
        source: args.source ?? null,
        schedule: args.schedule ?? null,
        champion: undefined,
        decision: undefined,
        decisions: undefined,
        history: undefined,
        openJobs: undefined,
        drift: undefined,
        report: undefined,
      },
      { ...opts, hideDiffs: ["__provider"] },
      "azureml",
      "ChampionVersion",
    );
  }
}
