import fc from "fast-check";
import { shouldStop, type Policy } from "../../../local/emulator/jobs/earlyTermination";
import { TrainingCloud } from "../../providers/trainingCloud";
import { until, versions } from "./testCloud";

describe("a policy of early termination", () => {
  const bandit = (more: Partial<Policy> = {}): Policy => ({
    policyType: "Bandit",
    slackFactor: 0.2,
    slackAmount: 0,
    evaluationInterval: 2,
    delayEvaluation: 0,
    ...more,
  });
  const stops = (policy: Policy | undefined, own: number[], ...others: number[][]) =>
    shouldStop(policy, "own", new Map([["own", own], ...others.map((other, index) => [`${index}`, other] as const)]));

  test.each<[string, boolean, Policy | undefined, number[], number[][]]>([
    ["no policy stops nobody", false, undefined, [0, 0], [[0.9, 0.9]]],
    ["bandit stops what is below the leader by more than the slack", true, bandit(), [0.3, 0.4], [[0.5, 0.6]]],
    ["bandit lets go on what is within the slack", false, bandit(), [0.3, 0.51], [[0.5, 0.6]]],
    ["bandit decides at its interval only", false, bandit(), [0.1, 0.1, 0.1], [[0.9, 0.9, 0.9]]],
    [
      "bandit waits for its delay",
      false,
      bandit({ delayEvaluation: 6 }),
      [0, 0, 0, 0],
      [[0.9, 0.9, 0.9, 0.9, 0.9, 0.9]],
    ],
    [
      "bandit decides as soon as its delay is over",
      true,
      bandit({ delayEvaluation: 4 }),
      [0, 0, 0, 0],
      [[0.9, 0.9, 0.9, 0.9, 0.9, 0.9]],
    ],
    ["bandit compares with what the leader had by then", false, bandit(), [0.3, 0.4], [[0.3, 0.4, 0.9, 0.9]]],
    ["bandit knows an amount of slack", true, bandit({ slackFactor: 0, slackAmount: 0.1 }), [0.4, 0.45], [[0.5, 0.56]]],
    [
      "median stopping stops what is below the median of averages",
      true,
      { policyType: "MedianStopping" },
      [0.1],
      [[0.3], [0.4], [0.5]],
    ],
    [
      "truncation stops the lowest share",
      true,
      { policyType: "TruncationSelection", truncationPercentage: 40 },
      [0.1],
      [[0.3], [0.4], [0.5]],
    ],
    [
      "truncation leaves the others",
      false,
      { policyType: "TruncationSelection", truncationPercentage: 40 },
      [0.4],
      [[0.1], [0.3], [0.5]],
    ],
  ])("%s", (_name, expected, policy, own, others) => {
    expect(stops(policy, own, ...others)).toBe(expected);
  });

  test("never stops the best trial", () => {
    const history = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 });
    const policies = fc.constantFrom<Policy>(
      bandit({ evaluationInterval: 1 }),
      { policyType: "MedianStopping" },
      { policyType: "TruncationSelection", truncationPercentage: 50 },
    );
    fc.assert(
      fc.property(policies, fc.array(history, { minLength: 1, maxLength: 5 }), (policy, others) => {
        const best = [0, 1, 2, 3, 4, 5].map((at) => Math.max(...others.map((other) => other[at] ?? 0)));
        expect(stops(policy, best, ...others)).toBe(false);
      }),
    );
  });
});

describe("Bandit in a sweep", () => {
  let training: TrainingCloud;
  beforeAll(async () => (training = await TrainingCloud.start()), 60_000);
  afterAll(() => training.remove());

  test("really ends a trial that learns nothing, before its last epoch", async () => {
    const { cloud, workspaceId } = training;
    const epochs = 40;
    const job = `${workspaceId}/jobs/sweep`;
    const properties = training.body({
      limitSettings: { timeout: "PT1H", maxTrials: 2, maxConcurrentTrials: 2 },
      modelSettings: { numberOfEpochs: epochs, modelSize: "Small", earlyStopping: false },
      searchSpace: [{ learningRate: "choice(0.01,0.0000000001)" }],
      sweepSettings: {
        samplingAlgorithm: "Grid",
        earlyTermination: { policyType: "Bandit", slackFactor: 0.2, evaluationInterval: 1, delayEvaluation: 2 },
      },
    });
    await cloud.put(job, versions.ml, { properties });
    await until(async () => (await cloud.arm("GET", job, versions.ml)).body.properties?.status === "Completed", 90_000);

    const tracking = `/mlflow/v1.0${workspaceId}/api/2.0/mlflow`;
    const told = await Promise.all(
      ["sweep_HD_0", "sweep_HD_1"].map(async (run) => {
        const answer = await cloud.request("GET", `${tracking}/runs/get?run_id=${run}`);
        const { data } = (answer.body as unknown as { run: { data: { tags: { key: string; value: string }[] } } }).run;
        const history = await cloud.request(
          "GET",
          `${tracking}/metrics/get-history?run_id=${run}&metric_key=train_loss`,
        );
        const { metrics } = history.body as unknown as { metrics: unknown[] };
        return { stopped: data.tags.some(({ key }) => key === "early_terminated"), epochs: metrics.length };
      }),
    );
    expect(told[0]).toEqual({ stopped: false, epochs });
    expect(told[1]?.stopped).toBe(true);
    expect(told[1]?.epochs).toBeLessThan(epochs);
  }, 120_000);
});
