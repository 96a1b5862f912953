import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { TrainingCloud } from "../../providers/trainingCloud";
import { until, versions, type TestCloud } from "./testCloud";

const endless = { numberOfEpochs: 500, modelSize: "Small", earlyStopping: false };
const choices = [{ learningRate: "choice(0.001,0.002,0.004)" }];

describe("the states of a job", () => {
  let training: TrainingCloud;
  let cloud: TestCloud;
  beforeAll(async () => {
    training = await TrainingCloud.start(true);
    cloud = training.cloud;
    await cluster("spare", { vmPriority: "LowPriority" });
  }, 60_000);
  afterAll(() => training.remove());
  afterEach(() => cloud.admin("PUT", "clock", { rate: 1 }));

  const computeOf = (name: string) => `${training.workspaceId}/computes/${name}`;
  const cluster = (name: string, more: object = {}, scaleSettings: object = {}) =>
    cloud.put(computeOf(name), versions.ml, {
      location: "eastus2",
      properties: {
        computeType: "AmlCompute",
        properties: {
          vmSize: "Standard_NC4as_T4_v3",
          scaleSettings: {
            minNodeCount: 0,
            maxNodeCount: 4,
            nodeIdleTimeBeforeScaleDown: "PT120S",
            ...scaleSettings,
          },
          ...more,
        },
      },
    });
  const idOf = (name: string) => `${training.workspaceId}/jobs/${name}`;
  const get = async (name: string) => (await cloud.arm("GET", idOf(name), versions.ml)).body.properties ?? {};
  const statusOf = async (name: string) => String((await get(name)).status);
  const submit = async (name: string, taskDetails: object, more: object = {}) => {
    const body = { properties: { ...training.body(taskDetails as Record<string, unknown>), ...more } };
    const answer = await cloud.arm("PUT", idOf(name), versions.ml, body);
    expect(answer.body.error).toBeUndefined();
  };
  const reaches = (name: string, status: string) =>
    until(async () => new RegExp(status).test(await statusOf(name)), 60_000);
  const cancel = (name: string) => cloud.request("POST", `${idOf(name)}/cancel?api-version=${versions.ml}`);
  /** States that a job went through, as the log of the cloud tells. */
  const statesOf = async (name: string): Promise<string[]> => {
    const text = await readFile(join(cloud.stateFolder, "cloud", "emulator.log"), "utf8");
    return text
      .split("\n")
      .filter((line) => line.includes(`"run":"${name}"`))
      .map((line) => (JSON.parse(line) as { status: string }).status);
  };
  const nodesOf = async (name: string) =>
    ((await cloud.arm("GET", computeOf(name), versions.ml)).body.properties?.properties ?? {}) as {
      currentNodeCount: number;
      allocationState: string;
      nodeStateCounts: Record<string, number>;
    };
  const runOf = async (runId: string) => {
    const path = `/mlflow/v1.0${training.workspaceId}/api/2.0/mlflow/runs/get?run_id=${runId}`;
    const { run } = (await cloud.request("GET", path)).body as unknown as {
      run?: { info: { status: string }; data: { tags: { key: string; value: string }[]; metrics: unknown[] } };
    };
    return run;
  };
  const trains = (runId: string) => until(async () => ((await runOf(runId))?.data.metrics.length ?? 0) > 0, 60_000);
  const trialPids = async () => {
    const found = await promisify(execFile)("pgrep", ["-f", "-P", String(cloud.record.pid), "trialMain"]);
    return found.stdout.split("\n").filter(Boolean).map(Number);
  };

  test("come in the order of the service, for job, sweep and trials, which are jobs as well", async () => {
    const limitSettings = { timeout: "PT1H", maxTrials: 2, maxConcurrentTrials: 1 };
    const sweepSettings = { samplingAlgorithm: "Random" };
    await submit("ordered", { limitSettings, sweepSettings, searchSpace: choices });
    await reaches("ordered", "Completed|Failed");
    expect(await statesOf("ordered")).toEqual(["Starting", "Running", "Finalizing", "Completed"]);
    expect(await statesOf("ordered_HD")).toEqual(["Starting", "Running", "Completed"]);
    expect(await statesOf("ordered_HD_1")).toEqual([
      ...["Starting", "Preparing", "Queued", "Running", "Finalizing", "Completed"],
    ]);
    const [job, sweep, trial] = [await get("ordered"), await get("ordered_HD"), await get("ordered_HD_0")];
    const best = (job.tags as Record<string, string>).automl_best_child_run_id;
    expect(best).toMatch(/^ordered_HD_[01]$/);
    expect(sweep).toMatchObject({
      jobType: "Sweep",
      parentJobName: "ordered",
      limits: { maxTotalTrials: 2 },
      properties: { best_child_run_id: best, runTemplate: "HyperDrive" },
      tags: { _aml_system_max_total_jobs: "2", _aml_system_all_jobs_generated: "true" },
    });
    expect(trial).toMatchObject({ jobType: "Command", parentJobName: "ordered_HD", status: "Completed" });
    const sample = (trial.tags as Record<string, string>).hyperparameters;
    expect((sweep.tags as Record<string, string>)._aml_system_ordered_HD_0).toBe(sample);
    expect((await runOf("ordered_HD_0"))?.data.tags).toContainEqual({ key: "hyperparameters", value: sample });
    // Lists have root jobs alone, and children go with their job.
    expect((await training.jobs()).map(({ name }) => name)).toEqual(["ordered"]);
    expect((await cloud.arm("DELETE", idOf("ordered_HD_0"), versions.ml)).status).toBe(409);
    expect((await cloud.arm("DELETE", idOf("ordered"), versions.ml)).status).toBe(200);
    expect((await cloud.arm("GET", idOf("ordered_HD"), versions.ml)).status).toBe(404);
  }, 90_000);

  test("show in the nodes of the cluster, which leave after their idle time by the local clock", async () => {
    await cluster("counted");
    expect(await nodesOf("counted")).toMatchObject({ currentNodeCount: 0, allocationState: "Steady" });
    await cloud.admin("PUT", "clock", { stopped: true });
    await submit("counting", { modelSettings: endless }, { computeId: computeOf("counted") });
    await reaches("counting_HD_0", "Queued");
    expect(await nodesOf("counted")).toMatchObject({
      allocationState: "Resizing",
      nodeStateCounts: { preparingNodeCount: 1 },
    });
    await cloud.admin("PUT", "clock", { rate: 1 });
    await reaches("counting_HD_0", "Running");
    expect((await nodesOf("counted")).nodeStateCounts).toMatchObject({ runningNodeCount: 1, idleNodeCount: 0 });
    await cancel("counting");
    await reaches("counting", "Canceled");
    expect((await nodesOf("counted")).nodeStateCounts).toMatchObject({ runningNodeCount: 0, idleNodeCount: 1 });
    await cloud.killAndRestart();
    expect((await nodesOf("counted")).nodeStateCounts.idleNodeCount).toBe(1);
    await cloud.admin("PUT", "clock", { advanceSeconds: 60 });
    expect((await nodesOf("counted")).nodeStateCounts.idleNodeCount).toBe(1);
    await cloud.admin("PUT", "clock", { advanceSeconds: 61 });
    await until(async () => (await nodesOf("counted")).currentNodeCount === 0);
    await cluster("counted", {}, { minNodeCount: 2 });
    await until(async () => (await nodesOf("counted")).nodeStateCounts.idleNodeCount === 2);
  }, 60_000);

  test("go back to Queued when a low-priority node is taken away, and the trial begins again", async () => {
    await submit("moved", { modelSettings: { ...endless, numberOfEpochs: 60 } }, { computeId: computeOf("spare") });
    await trains("moved_HD_0");
    const answer = await cloud.admin("POST", "preempt", { job: "moved" });
    expect(answer.body.value).toMatchObject([{ run: "moved_HD_0" }]);
    await reaches("moved", "Completed|Failed");
    const states = await statesOf("moved_HD_0");
    expect(states).toEqual([
      ...["Starting", "Preparing", "Queued", "Running", "Queued", "Running", "Finalizing", "Completed"],
    ]);
    expect(await statusOf("moved")).toBe("Completed");
  }, 90_000);

  test("end as Failed when the service gives a preempted job up, and a dedicated node is not taken away", async () => {
    await submit("lost", { modelSettings: endless }, { computeId: computeOf("spare") });
    await trains("lost_HD_0");
    await cloud.admin("POST", "preempt", { compute: "spare", requeue: false });
    await reaches("lost", "Failed");
    expect((await get("lost")).tags).toMatchObject({
      "azureml.error": expect.stringMatching(
        /lost_HD_0 failed: .*PreemptionError: Nodes of this job got pre-empted/,
      ) as string,
    });
    await submit("dedicated", { modelSettings: endless });
    await trains("dedicated_HD_0");
    const refused = await cloud.admin("POST", "preempt", { job: "dedicated" });
    expect([refused.status, refused.body.error?.code]).toEqual([409, "NotPreemptible"]);
    await cancel("dedicated");
  }, 90_000);

  test("of one trial leave the others alone: failed by request, or canceled", async () => {
    const limitSettings = { timeout: "PT1H", maxTrials: 3, maxConcurrentTrials: 2 };
    const modelSettings = { ...endless, numberOfEpochs: 60 };
    const sweepSettings = { samplingAlgorithm: "Grid" };
    await submit("mixed", { limitSettings, sweepSettings, searchSpace: choices, modelSettings });
    await Promise.all([trains("mixed_HD_0"), trains("mixed_HD_1")]);
    expect((await cloud.admin("POST", "fail", { trial: "mixed_HD_0", error: "CUDA out of memory" })).status).toBe(200);
    expect((await cancel("mixed_HD_1")).status).toBe(202);
    await reaches("mixed", "Completed|Failed");
    expect(await statusOf("mixed")).toBe("Completed");
    expect(await get("mixed_HD_0")).toMatchObject({
      status: "Failed",
      tags: { "azureml.error": "CUDA out of memory" },
    });
    expect((await statesOf("mixed_HD_1")).slice(-2)).toEqual(["CancelRequested", "Canceled"]);
    expect((await get("mixed")).tags).toMatchObject({ automl_best_child_run_id: "mixed_HD_2" });
    expect((await cloud.admin("POST", "fail", { trial: "mixed_HD_0" })).status).toBe(409);
  }, 90_000);

  test("turn to NotResponding while nothing is heard of a trial, and back", async () => {
    await submit("silent", { modelSettings: endless });
    await trains("silent_HD_0");
    const pids = await trialPids();
    for (const pid of pids) process.kill(pid, "SIGSTOP");
    await cloud.admin("PUT", "clock", { advanceSeconds: 120 });
    await reaches("silent_HD_0", "NotResponding");
    expect(await statusOf("silent")).toBe("Running");
    for (const pid of pids) process.kill(pid, "SIGCONT");
    await reaches("silent_HD_0", "Running");
    await cancel("silent");
    await reaches("silent", "Canceled");
  }, 90_000);

  test("end at the timeout by the local clock", async () => {
    await submit("late", { modelSettings: endless, limitSettings: { timeout: "PT6H", maxTrials: 1 } });
    await trains("late_HD_0");
    await cloud.admin("PUT", "clock", { advanceSeconds: 6 * 3600 });
    await reaches("late", "Failed");
    expect((await get("late_HD_0")).tags).toMatchObject({ "azureml.error": expect.stringContaining("PT6H") as string });
  }, 60_000);

  test("go on after a kill -9 in the midst of the training, with the same parameters", async () => {
    const limitSettings = { timeout: "PT1H", maxTrials: 4, maxConcurrentTrials: 1 };
    const searchSpace = [{ learningRate: "loguniform(-7,-5)" }];
    const sweepSettings = { samplingAlgorithm: "Bayesian" };
    await submit("cut", { limitSettings, searchSpace, sweepSettings });
    await trains("cut_HD_3");
    const sample = ((await get("cut_HD_3")).tags as Record<string, string>).hyperparameters;
    await cloud.killAndRestart();
    await reaches("cut", "Completed|Failed");
    expect(await statusOf("cut")).toBe("Completed");
    expect((await get("cut_HD_3")).tags).toMatchObject({ hyperparameters: sample });
    expect((await runOf("cut_HD_3"))?.info.status).toBe("FINISHED");
  }, 120_000);
});
