import * as pulumi from "@pulumi/pulumi";
import type { Decision } from "../../lib/promotion";
import { dynamicProvider } from "../dynamicProvider";

const provider = dynamicProvider("championModel");

export interface ChampionVersionArgs {
  /** ARM id of the workspace. */
  workspaceId: pulumi.Input<string>;
  /** Name of the registered model. */
  modelName: pulumi.Input<string>;
  /** Names of the jobs whose trials are candidates. */
  jobs: pulumi.Input<pulumi.Input<string>[]>;
  /** Version of the validation data, on which all candidates were measured. */
  dataVersion: pulumi.Input<string>;
  minimumMetric: pulumi.Input<number>;
  minimumDelta: pulumi.Input<number>;
}

/** The champion, flat and without secrets, as the stack's outputs show it. */
export interface ChampionRecord {
  model: string;
  version: string;
  /** ARM id of the model version. */
  id: string;
  metric: string;
  value: number;
  job: string;
  bestChild: string;
  /** Kind of model that the best child trained, for example yolov5. */
  architecture: string;
  dataVersion: string;
  /** ISO time. */
  promotedAt: string;
}

/** Chooses the best candidate of the jobs and, when the gate lets it pass, registers it as the one champion version. */
export class ChampionVersion extends pulumi.dynamic.Resource {
  declare readonly champion: pulumi.Output<ChampionRecord>;
  declare readonly decision: pulumi.Output<Decision>;

  constructor(name: string, args: ChampionVersionArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      { ...args, champion: undefined, decision: undefined },
      { ...opts, hideDiffs: ["__provider"] },
      "azureml",
      "ChampionVersion",
    );
  }
}
