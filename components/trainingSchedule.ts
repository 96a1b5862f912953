import * as pulumi from "@pulumi/pulumi";
import { Schedule } from "@pulumi/azure-native/machinelearningservices/schedule";
import { scheduleTag } from "../lib/azure/jobs";
import type { ScheduleConfig } from "../lib/environment/config";
import type { ImageTrainingJob } from "./imageTrainingJob";
import type { Workspace } from "./workspace";

export interface TrainingScheduleArgs extends ScheduleConfig {
  workspace: Workspace;
  /** What is submitted, with the inputs that the stack's own jobs have. */
  jobs: readonly ImageTrainingJob[];
}

/** Value of the tag by which the scheduled jobs are found. */
const scheduleName = "retraining";

/** Jobs that Azure ML submits by itself. Their models are candidates in the `up` after their end. */
export class TrainingSchedule extends pulumi.ComponentResource {
  /** What the champion has to look for. */
  readonly candidates: { name: pulumi.Output<string>; candidates: number };

  constructor(name: string, args: TrainingScheduleArgs, opts?: pulumi.ComponentResourceOptions) {
    super("objectdetection:index:TrainingSchedule", name, {}, opts);
    const { workspace, cron, timeZone, enabled } = args;
    const schedules = args.jobs.map(
      ({ title, body }) =>
        new Schedule(
          `${name}-${title}`,
          {
            ...workspace.placement,
            name: `${scheduleName}-${title}`,
            properties: {
              displayName: `Retraining of ${title}`,
              isEnabled: enabled,
              trigger: { triggerType: "Cron", expression: cron, timeZone },
              action: {
                actionType: "CreateJob",
                jobDefinition: body.apply(({ tags, ...job }) => ({
                  ...job,
                  tags: { ...(tags as Record<string, string>), [scheduleTag]: scheduleName },
                })) as pulumi.Output<never>,
              },
            },
          },
          { parent: this, dependsOn: workspace.ready },
        ),
    );
    this.candidates = {
      name: pulumi.all(schedules.map(({ id }) => id)).apply(() => scheduleName),
      candidates: args.candidates,
    };
    this.registerOutputs({});
  }
}
