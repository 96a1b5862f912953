import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { TrainingCloud } from "../../providers/trainingCloud";
import { until, versions, type ArmAnswer, type TestCloud } from "./testCloud";

const longTraining = { numberOfEpochs: 100, modelSize: "Small", earlyStopping: false };

describe("jobs", () => {
  let training: TrainingCloud;
  let cloud: TestCloud;
  beforeAll(async () => {
    training = await TrainingCloud.start();
    cloud = training.cloud;
  }, 60_000);
  afterAll(() => training.remove());

  const idOf = (name: string) => `${training.workspaceId}/jobs/${name}`;
  const get = async (name: string) => (await cloud.arm("GET", idOf(name), versions.ml)).body.properties ?? {};
  const submit = (name: string, taskDetails = {}, more = {}): Promise<ArmAnswer> =>
    cloud.arm("PUT", idOf(name), versions.ml, { properties: { ...training.body(taskDetails), ...more } });
  const accepted = async (name: string, taskDetails = {}, more = {}) => {
    const answer = await submit(name, taskDetails, more);
    expect(answer.body.error).toBeUndefined();
  };
  const ended = async (name: string) => {
    await until(async () => /Completed|Failed|Canceled/.test(String((await get(name)).status)), 90_000);
    return get(name);
  };
  const cancel = (name: string) => cloud.request("POST", `${idOf(name)}/cancel?api-version=${versions.ml}`);
  const mlflow = async (method: string, path: string, body?: unknown) =>
    (await cloud.request(method, `/mlflow/v1.0${training.workspaceId}/api/2.0/mlflow/${path}`, { body })).body as {
      run?: {
        info: { status: string; start_time: number };
        data: { tags: { key: string; value: string }[]; metrics: unknown[] };
      };
    };
  const runOf = async (runId: string) => (await mlflow("GET", `runs/get?run_id=${runId}`)).run;
  const tagOf = async (runId: string, name: string) =>
    (await runOf(runId))?.data.tags.find(({ key }) => key === name)?.value ?? "";
  const textOfBlob = async (runId: string, path: string) =>
    (
      await (
        await cloud.container("mlwst", "azureml")
      )
        .getBlobClient(`ExperimentRun/dcid.${runId}/${path}`)
        .downloadToBuffer()
    ).toString();
  const trialProcesses = async (): Promise<number[]> => {
    const found = await promisify(execFile)("pgrep", ["-f", "-P", String(cloud.record.pid), "trialMain"]).catch(() => ({
      stdout: "",
    }));
    return found.stdout.split("\n").filter(Boolean).map(Number);
  };
  const trains = async (runId: string) =>
    until(async () => ((await runOf(runId))?.data.metrics.length ?? 0) > 0, 60_000);

  describe("refuses", () => {
    const task = "properties.taskDetails";
    const limits = { timeout: "PT1H", maxTrials: 2, maxConcurrentTrials: 1 };
    const sweep = (searchSpace: object[], samplingAlgorithm = "Random") => ({
      searchSpace,
      sweepSettings: { samplingAlgorithm },
      limitSettings: limits,
    });
    const data = (uri: string) => ({ trainingData: { jobInputType: "mltable", uri } });
    test.each<[string, object, string]>([
      ["a timeout that is no duration", { limitSettings: { ...limits, timeout: "1h" } }, "limitSettings.timeout"],
      ["an empty timeout", { limitSettings: { ...limits, timeout: "PT0S" } }, "limitSettings.timeout"],
      ["a timeout of 61 days", { limitSettings: { ...limits, timeout: "P61D" } }, "limitSettings.timeout"],
      ["no trials", { limitSettings: { ...limits, maxTrials: 0 } }, "limitSettings.maxTrials"],
      ["1001 trials", { limitSettings: { ...limits, maxTrials: 1001 } }, "limitSettings.maxTrials"],
      ["half a trial", { limitSettings: { ...limits, maxTrials: 1.5 } }, "limitSettings.maxTrials"],
      [
        "more trials at once than in all",
        { limitSettings: { ...limits, maxConcurrentTrials: 3 } },
        "limitSettings.maxConcurrentTrials",
      ],
      ["no limits", { limitSettings: undefined }, "limitSettings"],
      ["a metric of another task", { primaryMetric: "Accuracy" }, "primaryMetric"],
      ["validation of both kinds", { validationDataSize: 0.2 }, "validationDataSize"],
      ["all data as validation", { validationData: undefined, validationDataSize: 1 }, "validationDataSize"],
      ["no data as validation", { validationData: undefined, validationDataSize: 0 }, "validationDataSize"],
      ["data that is not there", data("azureml:none:1"), "trainingData.uri"],
      ["a version that is not there", data("azureml:pictures:9"), "trainingData.uri"],
      ["the latest of nothing", data("azureml:none@latest"), "trainingData.uri"],
      [
        "data that is a compute",
        {
          get trainingData() {
            return { jobInputType: "mltable", uri: `${training.workspaceId}/computes/gpu` };
          },
        },
        "trainingData.uri",
      ],
      [
        "data of another kind",
        { trainingData: { jobInputType: "uri_file", uri: "azureml:pictures:1" } },
        "trainingData.jobInputType",
      ],
      ["a distribution that there is not", sweep([{ learningRate: "gaussian(0,1)" }]), "searchSpace[0].learningRate"],
      ["a distribution with too few numbers", sweep([{ learningRate: "uniform(0.1)" }]), "searchSpace[0].learningRate"],
      ["an expression that is not closed", sweep([{ learningRate: "choice(0.1,0.2" }]), "searchSpace[0].learningRate"],
      ["bounds in the wrong order", sweep([{ learningRate: "uniform(0.2,0.1)" }]), "searchSpace[0].learningRate"],
      ["a step of nothing", sweep([{ momentum: "quniform(0,1,0)" }]), "searchSpace[0].momentum"],
      ["a choice of nothing", sweep([{ learningRate: "choice()" }]), "searchSpace[0].learningRate"],
      ["a parameter that there is not", sweep([{ learning_rate: "choice(1)" }]), "searchSpace[0].learning_rate"],
      ["a grid of distributions", sweep([{ learningRate: "uniform(0.1,0.2)" }], "Grid"), "searchSpace"],
      [
        "conditional spaces with Bayesian sampling",
        sweep([{ learningRate: "choice(0.1)" }, { learningRate: "choice(0.2)" }], "Bayesian"),
        "sweepSettings.samplingAlgorithm",
      ],
      [
        "a sampling that there is not",
        sweep([{ learningRate: "choice(0.1)" }], "Sobol"),
        "sweepSettings.samplingAlgorithm",
      ],
      ...(
        [
          [
            "an interval of half a report",
            { policyType: "MedianStopping", evaluationInterval: 1.5 },
            "evaluationInterval",
          ],
          ["a delay of less than nothing", { policyType: "MedianStopping", delayEvaluation: -1 }, "delayEvaluation"],
          ["a bandit without slack", { policyType: "Bandit", slackFactor: 0, slackAmount: 0 }, "slackAmount"],
          ["a bandit with two slacks", { policyType: "Bandit", slackFactor: 0.2, slackAmount: 0.1 }, "slackFactor"],
          [
            "a truncation of all",
            { policyType: "TruncationSelection", truncationPercentage: 100 },
            "truncationPercentage",
          ],
        ] as const
      ).map(([what, earlyTermination, name]): [string, object, string] => [
        what,
        {
          ...sweep([{ learningRate: "choice(0.1)" }]),
          sweepSettings: { samplingAlgorithm: "Random", earlyTermination },
        },
        `sweepSettings.earlyTermination.${name}`,
      ]),
    ])("%s", async (_what, taskDetails, target) => {
      const answer = await submit("refused", taskDetails);
      expect([answer.status, answer.body.error?.target]).toEqual([400, `${task}.${target}`]);
      expect((await cloud.arm("GET", idOf("refused"), versions.ml)).status).toBe(404);
    });

    test("a compute that is none", async () => {
      for (const computeId of [`${training.workspaceId}/computes/none`, `${training.workspaceId}/data/pictures`]) {
        const answer = await submit("refused", {}, { computeId });
        expect(answer.body.error?.target).toBe("properties.computeId");
      }
    });
  });

  test("the latest data is that of the first request", async () => {
    const pinned = `${training.workspaceId}/data/pictures/versions/1`;
    const uris = [
      "azureml:pictures:1",
      "azureml:pictures@latest",
      `${training.workspaceId}/data/pictures/labels/latest`,
    ];
    for (const [index, uri] of uris.entries()) {
      const taskDetails = { trainingData: { jobInputType: "mltable", uri } };
      await accepted(`latest${index}`, taskDetails);
      const { trainingData } = (await get(`latest${index}`)).taskDetails as { trainingData: { uri: string } };
      expect(trainingData.uri).toBe(index === 0 ? uri : pinned);
      await accepted(`latest${index}`, taskDetails);
      await cancel(`latest${index}`);
    }
  });

  test("a job's properties can be added and not changed, and its tags lose nothing of the service's", async () => {
    const failing = { targetColumnName: "no-such-column" };
    await accepted("kept", failing, { properties: { a: "1" }, tags: { mine: "1" } });
    const { tags } = await ended("kept");
    expect(tags).toMatchObject({ mine: "1", "azureml.error": expect.stringContaining("no-such-column") as string });
    await accepted("kept", failing, { properties: { b: "2" }, tags: { mine: "2" } });
    expect(await get("kept")).toMatchObject({
      properties: { a: "1", b: "2" },
      tags: { ...(tags as object), mine: "2" },
    });
    const refused = await submit("kept", failing, { properties: { a: "3" } });
    expect([refused.status, refused.body.error?.target]).toEqual([409, "properties.properties.a"]);
    expect((await submit("kept", { targetColumnName: "label" })).status).toBe(409);

    const listed = async (query: string) =>
      (
        (await cloud.request("GET", `${training.workspaceId}/jobs?api-version=${versions.ml}&${query}`)).body.value ??
        []
      )
        .map(({ name }) => name)
        .filter((name) => name === "kept");
    await accepted("kept", failing, { isArchived: true, tags: { mine: "2" } });
    expect(await listed("")).toEqual([]);
    expect(await listed("listViewType=ArchivedOnly")).toEqual(["kept"]);
    expect(await listed("listViewType=All&tag=mine=2")).toEqual(["kept"]);
    expect(await listed("listViewType=All&tag=mine=1")).toEqual([]);
    expect(await listed("listViewType=All&jobType=Command")).toEqual([]);
  }, 60_000);

  test("a trial that fails says why, in its tag and in its log", async () => {
    await accepted("failing", { targetColumnName: "boxes" });
    const { status, tags } = await ended("failing");
    expect(status).toBe("Failed");
    expect((tags as Record<string, string>)["azureml.error"]).toMatch(/failing_HD_0 failed: .*'boxes'.*columns are/);
    expect(await tagOf("failing_HD_0", "azureml.error")).toMatch(/'boxes'/);
    expect(await textOfBlob("failing_HD_0", "user_logs/std_log.txt")).toMatch(/Run failing_HD_0[^]*'boxes'/);
  }, 60_000);

  test("a trial whose process is killed fails with the reason, and its job with it", async () => {
    await accepted("killed", { modelSettings: longTraining });
    await trains("killed_HD_0");
    for (const pid of await trialProcesses()) process.kill(pid, "SIGKILL");
    const { status, tags } = await ended("killed");
    expect([status, (tags as Record<string, string>)["azureml.error"]]).toEqual([
      "Failed",
      expect.stringContaining("SIGKILL"),
    ]);
  }, 120_000);

  test("a running job cannot be deleted; canceled, it can, and its successor trains anew", async () => {
    await accepted("again", { modelSettings: longTraining });
    await trains("again_HD_0");
    const refused = await cloud.arm("DELETE", idOf("again"), versions.ml);
    expect([refused.status, refused.body.error?.code]).toEqual([409, "UserError"]);
    const canceled = await cancel("again");
    expect(canceled.status).toBe(202);
    expect(canceled.headers.get("location")).toContain("/jobs/again?");
    expect((await ended("again")).status).toBe("Canceled");
    expect((await runOf("again_HD_0"))?.info.status).toBe("KILLED");
    expect(await trialProcesses()).toEqual([]);
    expect((await cloud.arm("DELETE", idOf("again"), versions.ml)).status).toBe(200);
    expect(await runOf("again")).toBeUndefined();
    await accepted("again");
    expect((await ended("again")).status).toBe("Completed");
  }, 120_000);

  test("a job at its timeout begins no more trials, and says so", async () => {
    const limitSettings = { timeout: "PT4S", maxTrials: 20, maxConcurrentTrials: 1 };
    const searchSpace = [{ learningRate: "uniform(0.001,0.01)" }];
    await accepted("late", { limitSettings, searchSpace, modelSettings: longTraining });
    await ended("late");
    expect(await tagOf("late_HD_0", "azureml.error")).toContain("PT4S");
    expect(await runOf("late_HD_1")).toBeUndefined();
    expect(await trialProcesses()).toEqual([]);
  }, 60_000);

  test("jobs share the nodes of a cluster, and one that waits for a node can be canceled at once", async () => {
    const one = `${training.workspaceId}/computes/one`;
    await cloud.put(one, versions.ml, {
      location: "eastus2",
      properties: {
        computeType: "AmlCompute",
        properties: { vmSize: "Standard_NC4as_T4_v3", scaleSettings: { minNodeCount: 0, maxNodeCount: 1 } },
      },
    });
    await accepted("first", { modelSettings: longTraining }, { computeId: one });
    await trains("first_HD_0");
    await accepted("second", {}, { computeId: one });
    await accepted("third", {}, { computeId: one });
    await until(async () => (await get("second")).status === "Running");
    expect(await trialProcesses()).toHaveLength(1);
    await cancel("second");
    expect((await ended("second")).status).toBe("Canceled");
    expect((await get("first")).status).toBe("Running");
    await cancel("first");
    expect((await ended("third")).status).toBe("Completed");
  }, 120_000);

  test("a kill -9 right after the answer loses no job, and starts none twice", async () => {
    await Promise.all([accepted("cut"), accepted("cut"), accepted("cut")]);
    await cloud.killAndRestart();
    expect((await ended("cut")).status).toBe("Completed");
    expect(await textOfBlob("cut_HD_0", "outputs/labels.json")).toContain("thing");
  }, 120_000);
});
