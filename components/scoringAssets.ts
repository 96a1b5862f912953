import * as pulumi from "@pulumi/pulumi";
import { AssetVersion } from "../providers/assetVersion/resource";
import { ScoringCode } from "../providers/scoringCode/resource";
import type { ChampionModel } from "./championModel";
import type { Workspace } from "./workspace";

/** What a custom model is served by. */
export interface ScoringAssets {
  /** ARM id of the code version with score.py. */
  codeId: pulumi.Output<string>;
  /** ARM id of the environment version. */
  environmentId: pulumi.Output<string>;
}

export interface ScoringAssetsArgs {
  workspace: Workspace;
  champion: ChampionModel;
  /** Stem of the assets' names. */
  endpointName: string;
}

/** The base image of environments that are built from AutoML's own conda file. */
const scoringImage = "mcr.microsoft.com/azureml/openmpi4.1.0-cuda11.8-cudnn8-ubuntu22.04";

/** The champion's own scoring file and conda environment, as versions that are named for their content. */
export function scoringAssets(name: string, args: ScoringAssetsArgs, parent: pulumi.Resource): ScoringAssets {
  const { codeId, scoring } = scoringCode(name, args, parent);
  const environment = new AssetVersion(
    `${name}-environment`,
    {
      workspaceId: args.workspace.id,
      assetName: `${args.endpointName}-scoring`,
      kind: "environments",
      version: scoring.environmentVersion,
      properties: { image: scoringImage, condaFile: scoring.condaFile, osType: "Linux" },
    },
    { parent },
  );
  return { codeId, environmentId: environment.assetId };
}

/** The scoring file as a code version; for a batch endpoint with the script that calls it for each picture of a folder. */
export function scoringCode(
  name: string,
  { workspace, champion, endpointName, batch }: ScoringAssetsArgs & { batch?: true },
  parent: pulumi.Resource,
): { codeId: pulumi.Output<string>; scoring: ScoringCode } {
  const scoring = new ScoringCode(
    `${name}-scoring`,
    { workspaceId: workspace.id, runId: champion.bestChild, batch },
    { parent },
  );
  const code = new AssetVersion(
    `${name}-code`,
    {
      workspaceId: workspace.id,
      assetName: `${endpointName}-scoring`,
      kind: "codes",
      version: scoring.codeVersion,
      properties: { codeUri: scoring.codeUri, description: "Scoring file of the champion's training run" },
    },
    { parent },
  );
  return { codeId: code.assetId, scoring };
}
