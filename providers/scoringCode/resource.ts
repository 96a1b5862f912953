import * as pulumi from "@pulumi/pulumi";
import { dynamicProvider } from "../dynamicProvider";

const provider = dynamicProvider("scoringCode");

export interface ScoringCodeArgs {
  /** ARM id of the workspace. */
  workspaceId: pulumi.Input<string>;
  /** Run (best child) whose outputs hold the scoring file and the conda file. */
  runId: pulumi.Input<string>;
  /** Whether the files are for a batch endpoint: then `batch_score.py` lies beside the scoring file, which it calls. */
  batch?: true;
}

/**
 * The scoring file and the conda environment that AutoML wrote beside a model, prepared for a deployment: the file is put
 * into the workspace's blob store as `score.py`, under its content's hash.
 */
export class ScoringCode extends pulumi.dynamic.Resource {
  /** Blob folder for a code asset. */
  declare readonly codeUri: pulumi.Output<string>;
  /** Short hash of the files. */
  declare readonly codeVersion: pulumi.Output<string>;
  /** Conda file with packages that can still be installed. */
  declare readonly condaFile: pulumi.Output<string>;
  /** Short hash of the conda file. */
  declare readonly environmentVersion: pulumi.Output<string>;

  constructor(name: string, args: ScoringCodeArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      { ...args, codeUri: undefined, codeVersion: undefined, condaFile: undefined, environmentVersion: undefined },
      { ...opts, hideDiffs: ["__provider"] },
      "azureml",
      "ScoringCode",
    );
  }
}
