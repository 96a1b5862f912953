import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { cloudEnvironment, withoutAzure } from "../../local/environment";
import { setTimeout as sleep } from "node:timers/promises";
import { commandLine } from "../commands/command";
import { composePicture } from "../../local/sample/picture";
import { seededRandom } from "../../local/sample/random";
import { until, versions } from "../local/emulator/testCloud";
import { call, outcome, start } from "./driver";
import { TrainingCloud } from "./trainingCloud";

interface Outputs {
  traffic: Record<string, number>;
  steps: { share: number; errorRate: number; agreement: number | null }[];
  retired: Record<string, string>;
}

const owner = "test/stack";

describe("the traffic of an endpoint", () => {
  let training: TrainingCloud;
  let workspace: string;
  let endpointId: string;
  let key: string;

  beforeAll(async () => {
    training = await TrainingCloud.start();
    workspace = training.workspaceId;
    endpointId = `${workspace}/onlineEndpoints/detector`;
    await train("good", { numberOfEpochs: 40 });
    await train("poor", { numberOfEpochs: 1 });
    await training.cloud.put(endpointId, versions.ml, endpointBody({}));
    const keys = await training.cloud.request("POST", `${endpointId}/listKeys?api-version=${versions.ml}`);
    key = (keys.body as unknown as { primaryKey: string }).primaryKey;
  }, 240_000);
  afterAll(() => training.remove());

  const endpointBody = (traffic: Record<string, number>) => ({
    location: "eastus2",
    identity: { type: "SystemAssigned" },
    properties: { authMode: "Key", traffic },
  });

  /** Trains a model and registers it under the job's name. */
  async function train(name: string, settings: object): Promise<void> {
    const job = `${workspace}/jobs/${name}`;
    const modelSettings = { modelSize: "Small", earlyStopping: false, ...settings };
    await training.cloud.put(job, versions.ml, { properties: training.body({ modelSettings }) });
    const status = async () => String((await training.cloud.arm("GET", job, versions.ml)).body.properties?.status);
    await until(async () => /Completed|Failed/.test(await status()), 150_000);
    const modelUri = `azureml://jobs/${name}_HD_0/outputs/artifacts/outputs/model.pt`;
    await training.cloud.put(`${workspace}/models/${name}/versions/1`, versions.ml, {
      properties: { modelType: "custom_model", modelUri },
    });
  }

  const deploy = (name: string, model: string, tags: Record<string, string> = { "objectdetection:stack": owner }) =>
    training.cloud.put(`${endpointId}/deployments/${name}`, versions.ml, {
      location: "eastus2",
      tags,
      properties: {
        endpointComputeType: "Kubernetes",
        model: `${workspace}/models/${model}/versions/1`,
        requestSettings: { requestTimeout: "PT60S", maxConcurrentRequestsPerInstance: 8 },
      },
    });
  const deployments = async () =>
    ((await training.cloud.arm("GET", `${endpointId}/deployments`, versions.ml)).body.value ?? []).map(
      ({ name }) => name,
    );
  const inputs = (deployment: string, rules: object = {}, keepMinutes = 0) => ({
    endpointId,
    deployment,
    owner,
    rules: {
      steps: [10, 50, 100],
      bakeSeconds: 0.5,
      maxErrorRate: 0,
      // The machine that tests is shared, and latency is not what these are about.
      maxLatencyRatio: 50,
      maxEmptyIncrease: 0.2,
      minAgreement: 0.5,
      ...rules,
    },
    probes: { workspaceId: workspace, dataId: `${workspace}/data/pictures/versions/1`, images: 4 },
    keepMinutes,
  });
  const lifecycle = (method: string, ...args: unknown[]) =>
    call<Outputs>(training.cloud.record, "endpointTraffic", method, ...args);
  const live = async () =>
    (await training.cloud.arm("GET", endpointId, versions.ml)).body.properties?.traffic as Record<string, number>;

  /** Requests one after the other, as users send them, until it is told to end. Answers the statuses that came. */
  function load(): () => Promise<number[]> {
    const statuses: number[] = [];
    let goesOn = true;
    const running = (async () => {
      const { jpeg } = await composePicture(seededRandom(3));
      const body = { input_data: { columns: ["image"], data: [jpeg.toString("base64")] } };
      do
        statuses.push((await training.cloud.request("POST", "/endpoints/detector/score", { body, token: key })).status);
      while (goesOn);
    })();
    return async () => {
      goesOn = false;
      await running;
      return statuses;
    };
  }

  test("goes to a first deployment at once, after a probe", async () => {
    await deploy("first", "good");
    const { answer, thrown } = await lifecycle("create", inputs("first"));
    expect(thrown).toBeUndefined();
    expect(answer?.outs).toMatchObject({
      traffic: { first: 100 },
      steps: [{ share: 0, errorRate: 0, agreement: null }],
    });
  }, 60_000);

  test("is what endpoint:score asks, which goes on after a picture that cannot be read", async () => {
    const folder = join(training.cloud.stateFolder, "scored");
    const picture = join(training.cloud.stateFolder, "a.jpg");
    await writeFile(picture, (await composePicture(seededRandom(5))).jpeg);
    const { status, stdout, stderr } = await score([picture, "missing.jpg", picture, "--out", folder]);
    const lines = stdout.trim().split("\n");
    expect([status, lines.length, stderr]).toEqual([1, 2, "missing.jpg: cannot be read (ENOENT)\n"]);
    expect(JSON.parse(lines[0])).toMatchObject({
      image: picture,
      deployment: "first",
      boxes: expect.any(Array) as [],
    });
    expect((await readdir(folder)).sort()).toEqual(["a-2.json", "a-2.png", "a.json", "a.png"]);
    const refused = await score([picture], "wrong");
    expect([refused.status, refused.stdout]).toEqual([1, ""]);
    expect(refused.stderr).toMatch(/a\.jpg: 401/);
  }, 60_000);

  async function score(args: string[], secret = key): Promise<{ status: number; stdout: string; stderr: string }> {
    const { record } = training.cloud;
    const command = spawn(process.execPath, commandLine("endpointScore", args), {
      env: {
        ...withoutAzure(process.env),
        ...cloudEnvironment(record),
        SCORING_URI: `${record.url}/endpoints/detector/score`,
        SCORING_KEY: secret,
      },
    });
    const [stdout, stderr, [status]] = await Promise.all([
      text(command.stdout),
      text(command.stderr),
      once(command, "close") as Promise<[number]>,
    ]);
    return { status, stdout, stderr };
  }

  test("moves step by step to a model as good, loses no request, and the old one is deleted", async () => {
    await deploy("second", "good");
    await deploy("of-people", "good", {});
    const end = load();
    const { answer, thrown } = await lifecycle("update", "id", inputs("first"), inputs("second"));
    const statuses = await end();
    expect(thrown).toBeUndefined();
    expect(answer?.outs.traffic).toEqual({ second: 100 });
    expect([...new Set(answer?.outs.steps.map(({ share }) => share))]).toEqual([0, 10, 50, 100]);
    expect(answer?.outs.steps.every((step) => step.agreement === 1 && step.errorRate === 0)).toBe(true);
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(await deployments()).toEqual(["of-people", "second"]);
  }, 90_000);

  test("stays where it is when the new model is worse, and the next up with the old one ends well", async () => {
    await deploy("worse", "poor");
    const end = load();
    const { thrown } = await lifecycle("update", "id", inputs("second"), inputs("worse"));
    expect(new Set(await end())).toEqual(new Set([200]));
    expect(thrown?.message).toMatch(/worse did not pass its probes at 0 %: .*\(maxEmptyIncrease|minAgreement\)/);
    expect(thrown?.message).toContain('The traffic is {"second":100} again');
    expect(thrown?.properties?.traffic).toEqual({ second: 100 });
    expect([await live(), await deployments()]).toEqual([{ second: 100 }, ["of-people", "second", "worse"]]);
    const diff = await lifecycle("diff", "id", thrown?.properties, inputs("worse"));
    expect(diff.answer).toMatchObject({ changes: true });
    const back = await lifecycle("update", "id", thrown?.properties, inputs("second"));
    expect([back.thrown, await deployments()]).toEqual([undefined, ["of-people", "second"]]);
  }, 90_000);

  test("goes back from the middle when a later step fails", async () => {
    await deploy("half", "good");
    await training.cloud.put(endpointId, versions.ml, endpointBody({ second: 90, half: 10 }));
    const { thrown } = await lifecycle("update", "id", inputs("second"), inputs("half", { minAgreement: 1.01 }));
    expect(thrown?.message).toMatch(/at 0 %: agreement 1, at least 1\.01/);
    expect(await live()).toEqual({ second: 100 });
  }, 60_000);

  test("sums to 100 at every moment and arrives, whenever the process that moves it is killed", async () => {
    const sums = new Set<number>();
    let goesOn = true;
    const watching = (async () => {
      while (goesOn) sums.add(Object.values(await live()).reduce((sum, share) => sum + share, 0));
    })();
    for (const afterMs of [600, 1_200, 1_800, 2_400]) {
      const child = start(training.cloud.record, "endpointTraffic", "update", ["id", inputs("second"), inputs("half")]);
      const ending = outcome(child);
      await sleep(afterMs);
      child.kill("SIGKILL");
      await ending;
    }
    const { answer, thrown } = await lifecycle("update", "id", inputs("second"), inputs("half"));
    goesOn = false;
    await watching;
    expect([thrown, answer?.outs.traffic]).toEqual([undefined, { half: 100 }]);
    expect(sums).toEqual(new Set([100]));
  }, 120_000);

  test("keeps what it left for the keep time, and says when that is over", async () => {
    await deploy("next", "good");
    const { answer } = await lifecycle("update", "id", inputs("half"), inputs("next", { steps: [100] }, 60));
    expect(Object.keys(answer?.outs.retired ?? {})).toContain("half");
    const state = { ...answer?.outs, retired: { half: new Date(Date.now() - 61 * 60_000).toISOString() } };
    const changes = async (olds: object) =>
      (await lifecycle("diff", "id", olds, inputs("next", { steps: [100] }, 60))).answer;
    expect(await changes(answer!.outs)).toMatchObject({ changes: false });
    expect(await changes(state)).toMatchObject({ changes: true });
    await lifecycle("update", "id", state, inputs("next", { steps: [100] }, 60));
    expect(await deployments()).toEqual(["next", "of-people"]);
  }, 60_000);

  test("that was changed by hand is seen by a refresh, and put back", async () => {
    await training.cloud.put(endpointId, versions.ml, endpointBody({ "of-people": 100 }));
    const { answer } = await lifecycle("read", "id", { ...inputs("next"), traffic: { next: 100 } });
    const seen = (answer as unknown as { props: Outputs }).props;
    expect(seen.traffic).toEqual({ "of-people": 100 });
    expect((await lifecycle("diff", "id", seen, inputs("next"))).answer).toMatchObject({ changes: true });
    expect((await lifecycle("update", "id", seen, inputs("next"))).answer?.outs.traffic).toEqual({ next: 100 });
    expect((await lifecycle("delete", "id", seen)).thrown).toBeUndefined();
    expect(await live()).toEqual({});
  }, 90_000);
});
