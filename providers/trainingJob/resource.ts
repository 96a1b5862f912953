import * as pulumi from "@pulumi/pulumi";
import { dynamicProvider } from "../dynamicProvider";

const provider = dynamicProvider("trainingJob");

export interface TrainingJobArgs {
  /** ARM id of the workspace. */
  workspaceId: pulumi.Input<string>;
  /** The job is called this and a hash of its body. */
  baseName: pulumi.Input<string>;
  /** `properties` of the ARM body. */
  body: pulumi.Input<Record<string, unknown>>;
  /** Another value submits the job again although nothing else changed. */
  forceToken?: pulumi.Input<string>;
  /** How long `up` waits for the end of the job, in minutes; the job itself ends by its own limits. @default 720 */
  deadlineMinutes?: pulumi.Input<number>;
}

export interface Trial {
  name: string;
  status: string;
  /** Last value of the primary metric; null when the trial logged none. */
  metric: number | null;
}

/** One AutoML job: submitted once for equal inputs, watched to its end, archived on destroy. */
export class TrainingJob extends pulumi.dynamic.Resource {
  /** Name of the job in the workspace; known in preview once the workspace exists. */
  declare readonly jobName: pulumi.Output<string>;
  declare readonly status: pulumi.Output<string>;
  declare readonly studioUrl: pulumi.Output<string | null>;
  declare readonly trials: pulumi.Output<Trial[]>;

  constructor(name: string, args: TrainingJobArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      {
        ...args,
        forceToken: args.forceToken ?? "",
        deadlineMinutes: args.deadlineMinutes ?? 720,
        jobName: undefined,
        status: undefined,
        studioUrl: undefined,
        trials: undefined,
      },
      { ...opts, hideDiffs: ["__provider"] },
      "azureml",
      "TrainingJob",
    );
  }
}
