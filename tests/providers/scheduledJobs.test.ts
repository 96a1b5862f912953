import type { Inputs, Outputs } from "../../providers/championModel/settle";
import { until, versions } from "../local/emulator/testCloud";
import { championInputs } from "./championCloud";
import { outcome, start } from "./driver";
import { TrainingCloud } from "./trainingCloud";

type State = Outputs & { __provider: string };

describe("a schedule", () => {
  let training: TrainingCloud;
  beforeAll(async () => (training = await TrainingCloud.start(true)), 60_000);
  afterAll(() => training.remove());

  const schedule = (isEnabled: boolean) =>
    training.cloud.put(`${training.workspaceId}/schedules/retraining-small`, versions.ml, {
      properties: {
        isEnabled,
        trigger: { triggerType: "Cron", expression: "0 3 * * *", timeZone: "UTC" },
        action: {
          actionType: "CreateJob",
          jobDefinition: { ...training.body(), tags: { submitted_by_schedule: "retraining" } },
        },
      },
    });
  const inputs = () =>
    championInputs(training.workspaceId, "detector", { schedule: { name: "retraining", candidates: 2 } });
  const provider = async <T>(method: string, ...args: unknown[]) => {
    // A process for each: one that went on would have a token of days ago by the cloud's clock.
    const ended = await outcome<State>(start(training.cloud.record, "championModel", method, args));
    if (!ended?.answer) throw new Error(ended?.thrown?.message);
    return ended.answer as unknown as T;
  };
  const check = async (before: object) => (await provider<{ inputs: Inputs }>("check", before, inputs())).inputs;
  const aDay = () => training.cloud.admin("PUT", "clock", { advanceSeconds: 24 * 3600 });
  const ended = async (count: number) => {
    const isCompleted = ({ status }: { status: string }) => status === "Completed";
    await until(async () => (await training.jobs()).filter(isCompleted).length === count, 50_000);
    return (await training.jobs()).map(({ name }) => name);
  };

  test("submits its job when its time has come, once a time, also after the cloud was killed", async () => {
    await schedule(true);
    expect(await training.jobs()).toEqual([]);
    await aDay();
    const [first] = await ended(1);
    expect(first).toMatch(/^retraining-small-\d{8}0300$/);
    await training.cloud.killAndRestart();
    await aDay();
    expect(await ended(2)).toHaveLength(2);
  }, 180_000);

  test("has its jobs decided on by the next deployment, which sees them before", async () => {
    const before = await check({});
    expect(before.scheduledJobs).toHaveLength(2);
    const { outs: state } = await provider<{ outs: State }>("create", before);
    expect(before.scheduledJobs).toContain(state.champion.job);
    const unchanged = await provider<{ changes: boolean }>("diff", "id", state, await check(before));
    expect(unchanged.changes).toBe(false);
    await aDay();
    await ended(3);
    const again = await check(before);
    expect(again.scheduledJobs).toHaveLength(2);
    expect(again.scheduledJobs).not.toEqual(before.scheduledJobs);
    expect(await provider("diff", "id", state, again)).toMatchObject({ changes: true });
  }, 180_000);

  test("that is off, or gone, submits nothing", async () => {
    await schedule(false);
    await aDay();
    await training.cloud.arm("DELETE", `${training.workspaceId}/schedules/retraining-small`, versions.ml);
    await aDay();
    expect(await training.jobs()).toHaveLength(3);
  }, 60_000);
});
