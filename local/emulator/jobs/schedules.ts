import { notImplemented } from "../arm/errors";
import { workspaceOf } from "../arm/ids";
import { ArmError, type Cloud, type ResourceRecord, type TypeBehaviour } from "../contracts";
import type { Timer } from "../time/clock";
import { nextTime } from "./cron";

const scheduleType = "Microsoft.MachineLearningServices/workspaces/schedules";

interface Schedule {
  isEnabled?: boolean;
  trigger: { triggerType: string; expression?: string; startTime?: string; endTime?: string };
  action: { actionType: string; jobDefinition?: Record<string, unknown> };
}

/** Makes a job of its definition. */
type Submit = (id: string, properties: Record<string, unknown>, cloud: Cloud) => Promise<void>;

/** Schedules that submit jobs by the local clock. */
export class JobSchedules {
  private readonly timers = new Map<string, Timer>();

  constructor(private readonly submit: Submit) {}

  readonly behaviour: TypeBehaviour = {
    type: scheduleType,
    coverage: {
      gaps: {
        PUT: "cron triggers that submit AutoML jobs, by UTC whatever the time zone; what falls into a time in which the cloud is stopped is left out",
      },
    },
    check({ body }) {
      const { trigger, action } = body.properties as unknown as Schedule;
      if (trigger.triggerType !== "Cron") throw notImplemented(`schedule with a trigger '${trigger.triggerType}'`);
      if (action.actionType !== "CreateJob") throw notImplemented(`schedule with the action '${action.actionType}'`);
      if (nextTime(trigger.expression ?? "", 0) === undefined)
        throw new ArmError(
          400,
          "ValidationError",
          `'${trigger.expression}' is no cron expression: minute, hour, day, month and day of the week.`,
          "properties.trigger.expression",
        );
    },
    properties: ({ body }) => ({ isEnabled: true, ...body.properties }),
    provision: async () => {},
    afterPut: (schedule, _created, cloud) => this.arm(schedule, cloud),
    removed: ({ id }) => this.disarm(id),
  };

  start(cloud: Cloud): void {
    for (const schedule of cloud.resources.listAll(scheduleType)) this.arm(schedule, cloud);
  }

  stop(): void {
    for (const id of [...this.timers.keys()]) this.disarm(id);
  }

  private disarm(id: string): void {
    this.timers.get(id.toLowerCase())?.cancel();
    this.timers.delete(id.toLowerCase());
  }

  /** Waits for the next time of a schedule; one that is off waits for nothing. */
  private arm({ id, properties }: ResourceRecord, cloud: Cloud): void {
    this.disarm(id);
    const { isEnabled, trigger } = properties as unknown as Schedule;
    const time = nextTime(
      trigger.expression ?? "",
      Math.max(cloud.clock.now(), Date.parse(trigger.startTime ?? "") || 0),
    );
    const isOver = time !== undefined && time > (Date.parse(trigger.endTime ?? "") || Infinity);
    if (isEnabled === false || time === undefined || isOver) return;
    this.timers.set(
      id.toLowerCase(),
      cloud.clock.at(time, () => void this.fire(id, time, cloud)),
    );
  }

  private async fire(id: string, time: number, cloud: Cloud): Promise<void> {
    const schedule = cloud.resources.get(id);
    if (!schedule) return;
    const { jobDefinition = {} } = (schedule.properties as unknown as Schedule).action;
    const name = `${schedule.name}-${new Date(time).toISOString().replace(/[-:T]/g, "").slice(0, 12)}`;
    try {
      await this.submit(`${workspaceOf(id)}/jobs/${name}`, jobDefinition, cloud);
    } catch (error) {
      cloud.log.warn({ err: error, schedule: id }, "the schedule could submit no job");
    }
    this.arm(schedule, cloud);
  }
}
