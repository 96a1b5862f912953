import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "../../local/sample/random";
import { until, versions } from "../local/emulator/testCloud";
import { call, outcome, start } from "./driver";
import { FaultProxy, type Fault } from "./faultProxy";
import { TrainingCloud } from "./trainingCloud";

interface Outputs {
  jobName: string;
  runName: string;
  status: string;
  studioUrl: string | null;
  trials: { name: string; status: string; metric: number | null }[];
}

describe("a training job", () => {
  let training: TrainingCloud;
  beforeAll(async () => (training = await TrainingCloud.start(true)), 60_000);
  afterAll(() => training.remove());

  const inputsOf = (jobName: string, taskDetails: Record<string, unknown> = {}, more: object = {}) => ({
    __provider: "stub",
    workspaceId: training.workspaceId,
    baseName: jobName,
    body: training.body(taskDetails),
    forceToken: "",
    deadlineMinutes: 5,
    wait: true,
    onInterrupt: "detach",
    onFailure: "resubmit",
    onDestroy: "archive",
    preemptionRetries: 2,
    jobName,
    ...more,
  });
  const run = <O = Outputs>(method: string, ...args: unknown[]) =>
    call<O>(training.cloud.record, "trainingJob", method, ...args);
  const named = async (prefix: string) => (await training.jobs()).filter(({ name }) => name.startsWith(prefix));

  test("is submitted, watched to its end, and told with its trials", async () => {
    const { answer, printed } = await run("create", inputsOf("told"));
    expect(answer?.outs).toMatchObject({ runName: "told", status: "Completed" });
    expect(answer?.outs.trials).toEqual([
      { name: "told_HD_0", status: "FINISHED", metric: expect.any(Number) as number },
    ]);
    expect(answer?.outs.studioUrl).toContain("/runs/told");
    expect(printed).toMatch(
      /Job told: submitting\n[\s\S]*Job told: Completed, 1\/1 trials done, best mAP \d\.\d{3}, \d+ s/,
    );
  }, 60_000);

  test("is told with the best metric so far, also of epochs before it was watched", async () => {
    await run("create", inputsOf("risen"));
    const tracking = `/mlflow/v1.0${training.workspaceId}/api/2.0/mlflow`;
    const epoch = (value: number, step: number) => ({
      key: "mean_average_precision",
      value,
      step,
      timestamp: Date.now(),
    });
    const logged = { run_id: "risen_HD_0", metrics: [epoch(0.987, 5), epoch(0.001, 6)] };
    expect((await training.cloud.request("POST", `${tracking}/runs/log-batch`, { body: logged })).status).toBe(200);
    const { printed } = await run("create", inputsOf("risen"));
    expect(printed).toContain("Job risen: Completed, 1/1 trials done, best mAP 0.987");
  }, 60_000);

  test("goes out with every field of its body", async () => {
    const body = training.body({
      sweepSettings: {
        samplingAlgorithm: "Random",
        earlyTermination: {
          policyType: "Bandit",
          slackFactor: 0.2,
          slackAmount: 0,
          evaluationInterval: 2,
          delayEvaluation: 6,
        },
      },
      searchSpace: [{ modelName: "choice('yolov5')", learningRate: "uniform(0.0001,0.01)" }],
    });
    const proxy = await FaultProxy.start(training.cloud.record, () => undefined);
    try {
      const inputs = { ...inputsOf("on-the-wire", {}, { wait: false }), body };
      expect((await call(proxy.record, "trainingJob", "create", inputs)).thrown).toBeUndefined();
      expect(proxy.written.get(`${training.workspaceId}/jobs/on-the-wire`)).toEqual({ properties: body });
    } finally {
      await proxy.stop();
    }
  }, 60_000);

  test("of equal inputs is adopted, an archived one too", async () => {
    const again = await run("create", inputsOf("told"));
    expect(again.printed).toMatch(/no retraining, inputs unchanged; it exists and is Completed/);
    await run("delete", "told", again.answer?.outs);
    expect(await named("told")).toEqual([{ name: "told", status: "Completed", isArchived: true }]);
    const back = await run("create", inputsOf("told"));
    expect(back.thrown).toBeUndefined();
    expect(back.answer?.outs.status).toBe("Completed");
    expect(await named("told")).toEqual([{ name: "told", status: "Completed", isArchived: false }]);
  }, 60_000);

  test("says why it failed, from the trial that knows, and is submitted again by the next up", async () => {
    const wrong = { targetColumnName: "lable" };
    const { thrown } = await run("create", inputsOf("wrong", wrong));
    expect(thrown?.message).toMatch(
      /Job wrong ended as Failed: trial wrong_HD_0: .*no list in the label column 'lable'; its columns are image_url, label[\s\S]*Run page: https:[\s\S]*End of the log of wrong_HD_0:\n {2}\S/,
    );
    expect(thrown).toMatchObject({ id: "wrong", properties: { status: "Failed", __provider: "stub" } });

    const kept = await run("update", "wrong", thrown?.properties, inputsOf("wrong", wrong, { onFailure: "keep" }));
    expect(kept.thrown?.message).toContain("Job wrong ended as Failed");
    const again = await run("update", "wrong", thrown?.properties, inputsOf("wrong", wrong));
    expect(again.thrown?.message).toContain("Job wrong-r2 ended as Failed");
    expect((await named("wrong")).map(({ name }) => name)).toEqual(["wrong", "wrong-r2"]);
    // The state of an `up` that was killed knows the first attempt only.
    await run("delete", "wrong", thrown?.properties);
    expect((await named("wrong")).map(({ isArchived }) => isArchived)).toEqual([true, true]);
  }, 60_000);

  test("that is not waited for is picked up by the next up", async () => {
    const submitted = await run("create", inputsOf("later", {}, { wait: false }));
    expect(submitted.answer?.outs).toMatchObject({ runName: "later", trials: [] });
    const state = submitted.answer?.outs;
    const diff = await run<{ changes: boolean }>("diff", "later", state, inputsOf("later"));
    expect(diff.answer).toMatchObject({ changes: true, replaces: [] });
    const { answer } = await run("update", "later", state, inputsOf("later"));
    expect(answer?.outs).toMatchObject({ runName: "later", status: "Completed" });
    expect(await named("later")).toHaveLength(1);
  }, 60_000);

  test("goes on after the deadline of waiting, and the next up waits for the same one", async () => {
    const long = { modelSettings: { numberOfEpochs: 3, modelSize: "Small" } };
    const { thrown } = await run("create", inputsOf("slow", long, { deadlineMinutes: 0.001 }));
    expect(thrown?.message).toMatch(/has not ended after 0\.001 minutes.*training\.deadlineMinutes.*goes on waiting/);
    expect(thrown?.id).toBe("slow");
    const { answer } = await run("update", "slow", thrown?.properties, inputsOf("slow", long));
    expect(answer?.outs).toMatchObject({ runName: "slow", status: "Completed" });
    expect(await named("slow")).toHaveLength(1);
  }, 60_000);

  test("is waited for beyond the life of many tokens, and while none can be had", async () => {
    const endless = { modelSettings: { numberOfEpochs: 500, modelSize: "Small", earlyStopping: false } };
    const outage = { from: 6, to: 12 };
    // A machine whose clock is behind takes a token for good that the service refuses.
    const refused = (number: number): Fault | undefined => (number >= 8 && number < 11 ? { status: 401 } : undefined);
    const proxy = await FaultProxy.start(training.cloud.record, refused, {
      seconds: 4,
      fails: (number) => number >= outage.from && number < outage.to,
    });
    try {
      const waiting = outcome<Outputs>(start(proxy.record, "trainingJob", "create", [inputsOf("long", endless)]));
      await until(() => proxy.tokensAsked > outage.to + 2 && proxy.seen > 11, 90_000);
      const cancel = `${training.workspaceId}/jobs/long/cancel?api-version=${versions.ml}`;
      await training.cloud.request("POST", cancel);
      const ended = await waiting;
      expect(ended?.thrown?.message).toContain("Job long ended as Canceled");
      expect(await named("long")).toHaveLength(1);
    } finally {
      await proxy.stop();
    }
  }, 120_000);

  test("that runs is canceled by destroy, and archived or deleted as asked", async () => {
    const endless = { modelSettings: { numberOfEpochs: 500, modelSize: "Small", earlyStopping: false } };
    for (const onDestroy of ["archive", "delete"]) {
      const name = `doomed-${onDestroy}`;
      const { answer } = await run("create", inputsOf(name, endless, { wait: false, onDestroy }));
      expect((await run("delete", name, answer?.outs)).thrown).toBeUndefined();
      expect(await named(name)).toEqual(onDestroy === "delete" ? [] : [{ name, status: "Canceled", isArchived: true }]);
    }
  }, 60_000);

  test.each([
    ["cancel", "Canceled"],
    ["detach", "Running"],
  ])(
    "is left as onInterrupt (%s) says when the engine ends its process",
    async (onInterrupt, status) => {
      const name = `interrupted-${onInterrupt}`;
      const endless = { modelSettings: { numberOfEpochs: 500, modelSize: "Small", earlyStopping: false } };
      const inputs = inputsOf(name, endless, { onInterrupt });
      const child = start(training.cloud.record, "trainingJob", "create", [inputs]);
      const ended = outcome<Outputs>(child);
      const stateOf = async () => (await named(name))[0]?.status;
      await until(async () => (await stateOf()) === "Running", 30_000);
      child.kill("SIGINT");
      const thrown = (await ended)?.thrown;
      // A canceled job may be seen to have ended before this process does.
      expect(thrown?.message).toMatch(/^Interrupted while job \S+ ran\.|ended as Canceled/);
      expect(thrown?.id).toBe(name);
      await until(async () => (await stateOf()) === status, 30_000);
      if (status === "Running") await run("delete", name, { ...inputs, runName: name });
    },
    90_000,
  );

  test("is submitted again when its node was taken away, as often as it may be", async () => {
    const { cloud, workspaceId } = training;
    const computeId = `${workspaceId}/computes/spare`;
    const scaleSettings = { minNodeCount: 0, maxNodeCount: 1 };
    await cloud.put(computeId, versions.ml, {
      location: "eastus2",
      properties: {
        computeType: "AmlCompute",
        properties: { vmSize: "Standard_NC4as_T4_v3", vmPriority: "LowPriority", scaleSettings },
      },
    });
    const long = { modelSettings: { numberOfEpochs: 500, modelSize: "Small", earlyStopping: false } };
    const inputs = inputsOf("preempted", long, { preemptionRetries: 2 });
    const ended = run("create", { ...inputs, body: { ...inputs.body, computeId } });
    for (const job of ["preempted", "preempted-r2", "preempted-r3"]) {
      const taken = async () => (await cloud.admin("POST", "preempt", { job, requeue: false })).status === 200;
      await until(taken, 60_000);
    }
    const { thrown, printed } = await ended;
    expect(printed).toMatch(
      /trial preempted_HD_0: .*PreemptionError[\s\S]*Job preempted-r2: submitting[\s\S]*Job preempted-r3: submitting/,
    );
    expect(thrown?.message).toContain("Job preempted-r3 ended as Failed");
    expect((await named("preempted")).map(({ name }) => name)).toEqual(["preempted", "preempted-r2", "preempted-r3"]);
  }, 120_000);

  test("is refreshed to what it is: its state, or gone when it was deleted or archived", async () => {
    const { answer } = await run("create", inputsOf("seen"));
    const state = answer?.outs;
    const seen = await run<{ props: Outputs }>("read", "seen", { ...state, status: "Running", trials: [] });
    expect(seen.answer).toMatchObject({ id: "seen", props: { status: "Completed", trials: [{ status: "FINISHED" }] } });
    await training.cloud.arm("DELETE", `${training.workspaceId}/jobs/seen`, versions.ml);
    expect((await run("read", "seen", state)).answer).toEqual({});
  }, 60_000);

  test("stays one, whenever the process that submits it is killed", async () => {
    const random = seededRandom(7);
    const round = async (name: string) => {
      const child = start(training.cloud.record, "trainingJob", "create", [inputsOf(name)]);
      // From before its first request to after its last one.
      const killer = sleep(random.number(0, 4_000)).then(() => child.kill("SIGKILL"));
      await outcome(child);
      await killer;
      const { answer } = await run("create", inputsOf(name));
      expect(answer?.outs).toMatchObject({ runName: name, status: "Completed" });
      expect(await named(name)).toEqual([{ name, status: "Completed", isArchived: false }]);
    };
    // As many at once as the cluster has nodes.
    for (const batch of ["a", "b", "c"]) await Promise.all([1, 2, 3, 4].map((one) => round(`killed-${batch}${one}`)));
  }, 180_000);

  test("is submitted once and watched to its end through throttling, errors and cut connections", async () => {
    const faults: Fault[] = [
      { status: 429, headers: { "retry-after": "1" } },
      { status: 503 },
      "reset",
      { status: 500 },
      "reset",
    ];
    const kinds = new Set<string>();
    // Two of three requests go wrong, so that the pipeline's own few attempts are not enough for each.
    const proxy = await FaultProxy.start(training.cloud.record, (number, method) => {
      if (number % 3 === 0) return undefined;
      kinds.add(method);
      return faults[number % faults.length];
    });
    try {
      const { answer, thrown } = await call<Outputs>(proxy.record, "trainingJob", "create", inputsOf("faulty"));
      expect(thrown).toBeUndefined();
      expect(answer?.outs).toMatchObject({ runName: "faulty", status: "Completed" });
      expect(await named("faulty")).toHaveLength(1);
      expect([...kinds]).toContain("GET");
    } finally {
      await proxy.stop();
    }
  }, 120_000);

  test("goes on after kill -9 of the cloud, under the same name", async () => {
    const child = start(training.cloud.record, "trainingJob", "create", [
      inputsOf("power-cut", { modelSettings: { numberOfEpochs: 3, modelSize: "Small" } }),
    ]);
    const ended = outcome<Outputs>(child);
    await until(async () => (await named("power-cut"))[0]?.status === "Running", 30_000);
    await training.cloud.killAndRestart();
    expect((await ended)?.answer?.outs).toMatchObject({ runName: "power-cut", status: "Completed" });
    expect(await named("power-cut")).toEqual([{ name: "power-cut", status: "Completed", isArchived: false }]);
  }, 60_000);
});

describe("the preview of a training job", () => {
  const provider = "stub";
  const job = (jobName: string, learningRate: number) => ({
    __provider: provider,
    workspaceId: "/w",
    forceToken: "",
    baseName: "base",
    jobName,
    body: { taskDetails: { modelSettings: { learningRate } } },
    status: "Completed",
    onFailure: "resubmit",
  });
  // No cloud is asked.
  const record = { url: "https://localhost:9", caFile: "/dev/null" } as never;
  const diff = (olds: object, news: object) => call(record, "trainingJob", "diff", "id", olds, news);

  test("says that nothing is trained again", async () => {
    const { answer, printed } = await diff(job("base-0123", 0.01), job("base-0123", 0.01));
    expect(printed).toBe("Job base-0123: no retraining: inputs unchanged (hash 0123)");
    expect(answer).toMatchObject({ changes: false });
  });

  test("says what makes it another job", async () => {
    const { answer, printed } = await diff(job("base-0123", 0.01), job("base-4567", 0.005));
    expect(printed).toBe("Job base-0123: retraining:\n  taskDetails.modelSettings.learningRate: 0.01 -> 0.005");
    expect(answer).toMatchObject({ changes: true, replaces: ["jobName"] });
  });

  test("leaves the latest of a registry to the service, which alone knows it", async () => {
    const uri = "azureml://registries/shared/data/pictures/labels/latest";
    const body = { taskDetails: { trainingData: { uri } } };
    const news = { __provider: provider, workspaceId: "/w", baseName: "base", forceToken: "", body };
    const { answer, thrown } = await call<never>(record, "trainingJob", "check", {}, news);
    expect(thrown).toBeUndefined();
    expect(answer).toMatchObject({
      failures: [],
      inputs: { body, jobName: expect.stringMatching(/^base-/) as string },
    });
  });
});
