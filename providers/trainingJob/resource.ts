import * as pulumi from "@pulumi/pulumi";
import type { JobBounds } from "../../lib/prices/training";
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
  /** False returns after the submission; the next `up` picks the result up. @default true */
  wait?: pulumi.Input<boolean>;
  /** What a second Ctrl-C does with the job that is being waited for. @default "detach" */
  onInterrupt?: pulumi.Input<"detach" | "cancel">;
  /** Whether an `up` submits a job again that ended as Failed or Canceled, as `NAME-r2` and so on. @default "resubmit" */
  onFailure?: pulumi.Input<"resubmit" | "keep">;
  /** What becomes of the job on destroy, or when another one takes its place; a running one is canceled first. @default "archive" */
  onDestroy?: pulumi.Input<"archive" | "delete">;
  /** How often one `up` submits the job again after its node was taken away. @default 2 */
  preemptionRetries?: pulumi.Input<number>;
  /** Price in USD of a node and hour, and the nodes that the job may use: for the worst-case cost in the progress lines. */
  cost?: pulumi.Input<{ perNodeHour: number; nodes: number }>;
  /** What bounds the job's nodes and time, known before the job's body is: for its worst-case cost in pull requests. */
  bounds?: pulumi.Input<JobBounds>;
}

export interface Trial {
  name: string;
  status: string;
  /** Last value of the primary metric; null when the trial logged none. */
  metric: number | null;
}

/** One AutoML job: submitted once for equal inputs, watched to its end, archived on destroy. */
export class TrainingJob extends pulumi.dynamic.Resource {
  /** Base and hash of the inputs; known in preview once the workspace exists. */
  declare readonly jobName: pulumi.Output<string>;
  /** Name of the job in the workspace: {@link jobName}, or that of a later attempt at it. */
  declare readonly runName: pulumi.Output<string>;
  declare readonly status: pulumi.Output<string>;
  declare readonly studioUrl: pulumi.Output<string | null>;
  declare readonly trials: pulumi.Output<Trial[]>;
  /** Hours of all nodes that the trials of all its attempts ran on; null while none has begun. */
  declare readonly nodeHours: pulumi.Output<number | null>;
  declare readonly bounds: pulumi.Output<JobBounds | undefined>;
  /** When its last trial ended, as ISO 8601 time in UTC; null while it runs. */
  declare readonly endedAt: pulumi.Output<string | null>;

  constructor(name: string, args: TrainingJobArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      {
        ...args,
        forceToken: args.forceToken ?? "",
        deadlineMinutes: args.deadlineMinutes ?? 720,
        wait: args.wait ?? true,
        onInterrupt: args.onInterrupt ?? "detach",
        onFailure: args.onFailure ?? "resubmit",
        onDestroy: args.onDestroy ?? "archive",
        preemptionRetries: args.preemptionRetries ?? 2,
        jobName: undefined,
        runName: undefined,
        status: undefined,
        studioUrl: undefined,
        trials: undefined,
        nodeHours: undefined,
        endedAt: undefined,
      },
      { ...opts, hideDiffs: ["__provider"] },
      "azureml",
      "TrainingJob",
    );
  }
}
