import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { TrainingCloud } from "../../providers/trainingCloud";
import { composePicture } from "../../../local/sample/picture";
import { seededRandom } from "../../../local/sample/random";
import { until, versions, type TestCloud } from "./testCloud";

describe("an online endpoint", () => {
  let cloud: TestCloud;
  let training: TrainingCloud;
  let workspace: string;
  let picture: string;

  beforeAll(async () => {
    training = await TrainingCloud.start(true);
    ({ cloud, workspaceId: workspace } = training);
    picture = (await composePicture(seededRandom(7))).jpeg.toString("base64");
    const job = `${workspace}/jobs/model`;
    await cloud.put(job, versions.ml, { properties: training.body() });
    await until(
      async () => /Completed|Failed/.test(String((await cloud.arm("GET", job, versions.ml)).body.properties?.status)),
      90_000,
    );
    await cloud.put(`${workspace}/models/detector/versions/1`, versions.ml, {
      properties: {
        modelType: "custom_model",
        modelUri: "azureml://jobs/model_HD_0/outputs/artifacts/outputs/model.pt",
      },
    });
    await endpoint("keyed", "Key");
    await cloud.put(deploymentOf("keyed", "blue"), versions.ml, deployment());
    await cloud.put(deploymentOf("keyed", "green"), versions.ml, deployment());
    await endpoint("keyed", "Key", { blue: 100, green: 0 });
  }, 150_000);
  afterAll(() => training.remove());

  const idOf = (name: string) => `${workspace}/onlineEndpoints/${name}`;
  const deploymentOf = (name: string, deployment: string) => `${idOf(name)}/deployments/${deployment}`;
  const endpointBody = (authMode: string, traffic: object) => ({
    location: "eastus2",
    identity: { type: "SystemAssigned" },
    properties: { authMode, traffic },
  });
  const endpoint = (name: string, authMode: string, traffic = {}) =>
    cloud.put(idOf(name), versions.ml, endpointBody(authMode, traffic));
  const post = (path: string, body?: unknown) => cloud.request("POST", `${path}?api-version=${versions.ml}`, { body });
  const keyOf = async (name: string) =>
    ((await post(`${idOf(name)}/listKeys`)).body as unknown as { primaryKey: string }).primaryKey;
  const input = (...data: unknown[]) => ({ input_data: { columns: ["image"], data } });
  const score = (name: string, key: string, body: unknown = input(picture), headers = {}) =>
    cloud.request("POST", `/endpoints/${name}/score`, { body, token: key, headers });
  const deployment = () => ({
    location: "eastus2",
    properties: {
      endpointComputeType: "Kubernetes",
      model: `${workspace}/models/detector/versions/1`,
      requestSettings: { requestTimeout: "PT60S" },
    },
  });

  test("answers who has its key, and says 401 to all others", async () => {
    const key = await keyOf("keyed");
    const answer = await score("keyed", key);
    expect([answer.status, answer.headers.get("azureml-model-deployment")]).toEqual([200, "blue"]);
    for (const wrong of ["", "wrong", `${key}x`]) {
      const refused = await score("keyed", wrong);
      expect([refused.status, refused.body.error?.code]).toEqual([401, "Unauthorized"]);
      expect(refused.headers.get("www-authenticate")).toBe("Bearer");
    }
    expect((await cloud.request("GET", "/endpoints/keyed/swagger.json", { token: key })).status).toBe(200);
  });

  test.each([
    ["no object", null, {}, 400],
    ["no columns", { input_data: { data: [""] } }, {}, 400],
    ["no pictures", input(), {}, 400],
    ["a number", input(1), {}, 400],
    ["no base64", input("!!!"), {}, 400],
    ["no picture", input(Buffer.from("text").toString("base64")), {}, 400],
    ["a deployment that there is not", undefined, { "azureml-model-deployment": "red" }, 404],
  ])("refuses %s", async (_what, body, headers, status) => {
    const given = status === 404 ? input(picture) : body;
    const answer = await score("keyed", await keyOf("keyed"), given, headers);
    expect([answer.status, typeof answer.body.error?.message]).toEqual([status, "string"]);
  });

  test.each([
    [{ blue: 50 }, "properties.traffic"],
    [{ blue: 60, green: 60 }, "properties.traffic"],
    [{ blue: 101 }, "properties.traffic.blue"],
    [{ red: 100 }, "properties.traffic.red"],
  ])("refuses the traffic %p", async (traffic, target) => {
    const answer = await cloud.arm("PUT", idOf("keyed"), versions.ml, endpointBody("Key", traffic));
    expect([answer.status, answer.body.error?.target]).toEqual([400, target]);
  });

  test("a header chooses the deployment, whatever the traffic", async () => {
    const answer = await score("keyed", await keyOf("keyed"), undefined, { "azureml-model-deployment": "green" });
    expect([answer.status, answer.headers.get("azureml-model-deployment")]).toEqual([200, "green"]);
  });

  test("a deployment serves while it is updated, and takes no second update meanwhile", async () => {
    const id = deploymentOf("keyed", "blue");
    const first = await cloud.arm("PUT", id, versions.ml, deployment());
    const second = await cloud.arm("PUT", id, versions.ml, deployment());
    expect([first.status, second.status, second.body.error?.code]).toEqual([200, 409, "AnotherOperationInProgress"]);
    expect((await score("keyed", await keyOf("keyed"))).status).toBe(200);
    expect(await cloud.finish(first)).toBe("Succeeded");
  }, 30_000);

  test("a deployment whose only replica is killed says 503 until that serves again", async () => {
    const key = await keyOf("keyed");
    const found = await promisify(execFile)("pgrep", ["-f", "-P", String(cloud.record.pid), "deploymentMain"]);
    for (const pid of found.stdout.split("\n").filter(Boolean)) process.kill(Number(pid), "SIGKILL");
    const statuses = new Set<number>();
    await until(async () => {
      const { status, headers } = await score("keyed", key);
      statuses.add(status);
      if (status === 503) expect(headers.get("retry-after")).toBe("1");
      return status === 200;
    }, 30_000);
    // A request that was with it when it died is answered 502.
    expect([...statuses].filter((status) => status !== 502)).toEqual([503, 200]);
  }, 40_000);

  test("a killed replica is started again, while the other serves on", async () => {
    const scaleSettings = { scaleType: "TargetUtilization", minInstances: 2, maxInstances: 2 };
    const { properties, ...rest } = deployment();
    await cloud.put(deploymentOf("keyed", "pair"), versions.ml, {
      ...rest,
      properties: { ...properties, scaleSettings },
    });
    const key = await keyOf("keyed");
    const state = async () =>
      ((await post(`${deploymentOf("keyed", "pair")}/getLogs`, {})).body as unknown as { content: string }).content;
    expect(await state()).toContain("2 of 2 replicas ready");
    const killed = await cloud.admin("POST", "kill", { endpoint: "keyed", deployment: "pair", replica: 1 });
    expect(killed.status).toBe(200);
    await until(async () => (await state()).includes("1 of 2"));
    const chosen = { "azureml-model-deployment": "pair" };
    while (!(await state()).includes("2 of 2")) expect((await score("keyed", key, undefined, chosen)).status).toBe(200);
    await cloud.finish(await cloud.arm("DELETE", deploymentOf("keyed", "pair"), versions.ml));
  }, 60_000);

  test("a deployment is made to fail, to be slow, and to be well again", async () => {
    const key = await keyOf("keyed");
    const of = { endpoint: "keyed", deployment: "blue" };
    expect((await cloud.admin("POST", "deployment", { ...of, status: 503 })).status).toBe(200);
    const failed = await score("keyed", key);
    expect([failed.status, failed.body.error?.code]).toEqual([424, "ModelError"]);
    expect(["statuscode", "reason"].map((name) => failed.headers.get(`ms-azureml-model-error-${name}`))).toEqual([
      "503",
      "model_error",
    ]);
    await cloud.admin("POST", "deployment", { ...of, status: 500, share: 0.5 });
    const statuses = new Set<number>();
    await until(async () => statuses.add((await score("keyed", key)).status).size === 2, 30_000);
    expect([...statuses].sort()).toEqual([200, 424]);

    const { properties, ...rest } = deployment();
    const requestSettings = { requestTimeout: "PT2S", maxQueueWait: "PT0.1S" };
    await cloud.put(deploymentOf("keyed", "slow"), versions.ml, {
      ...rest,
      properties: { ...properties, requestSettings },
    });
    const chosen = { "azureml-model-deployment": "slow" };
    await cloud.admin("POST", "deployment", { endpoint: "keyed", deployment: "slow", slowMs: 4_000 });
    const late = score("keyed", key, undefined, chosen);
    // The one replica is taken as long as the first request lasts.
    await until(async () => (await score("keyed", key, undefined, chosen)).status === 429, 1_800);
    expect([(await late).status, (await late).body.error?.code]).toEqual([504, "GatewayTimeout"]);
    for (const well of [of, { endpoint: "keyed", deployment: "slow" }]) await cloud.admin("POST", "deployment", well);
    await until(async () => (await score("keyed", key, undefined, chosen)).status === 200, 10_000);
    expect((await score("keyed", key)).status).toBe(200);
    expect((await cloud.admin("POST", "deployment", { ...of, deployment: "none" })).status).toBe(404);
    await cloud.finish(await cloud.arm("DELETE", deploymentOf("keyed", "slow"), versions.ml));
  }, 90_000);

  test("a managed deployment refuses what is beyond its queue at once, and has the statuses of its own router", async () => {
    await cloud.put(idOf("managed"), versions.ml, endpointBody("Key", {}));
    const { properties, ...rest } = deployment();
    const requestSettings = { requestTimeout: "PT2S", maxQueueWait: "PT60S", maxConcurrentRequestsPerInstance: 1 };
    const managed = {
      ...properties,
      endpointComputeType: "Managed",
      instanceType: "Standard_D4s_v5",
      requestSettings,
    };
    await cloud.put(deploymentOf("managed", "blue"), versions.ml, {
      ...rest,
      sku: { name: "Default", capacity: 1 },
      properties: managed,
    });
    const key = await keyOf("managed");
    const chosen = { "azureml-model-deployment": "blue" };
    const ask = () => score("managed", key, undefined, chosen);
    const of = { endpoint: "managed", deployment: "blue" };
    await cloud.admin("POST", "deployment", { ...of, slowMs: 4_000 });
    const started = performance.now();
    const answers = await Promise.all(
      [ask(), ask(), ask(), ask()].map(async (answer) => {
        const { status, body } = await answer;
        return { status, code: body.error?.code, ms: performance.now() - started };
      }),
    );
    const refused = answers.filter(({ status }) => status === 429);
    // 2 * maxConcurrentRequestsPerInstance * instances are worked on or wait.
    expect(refused).toHaveLength(2);
    for (const { code, ms } of refused) expect([code, ms < 1_900]).toEqual(["TooManyRequests", true]);
    for (const { status, code } of answers.filter((answer) => !refused.includes(answer)))
      expect([status, code]).toEqual([408, "RequestTimeout"]);
    await cloud.admin("POST", "deployment", { ...of, status: 500 });
    const failed = await ask();
    expect([failed.status, failed.headers.get("ms-azureml-model-error-statuscode")]).toEqual([424, "500"]);
    await cloud.finish(await cloud.arm("DELETE", deploymentOf("managed", "blue"), versions.ml));
  }, 60_000);

  test("a request whose container dies is answered 502", async () => {
    await cloud.put(deploymentOf("keyed", "dying"), versions.ml, deployment());
    const of = { endpoint: "keyed", deployment: "dying" };
    await cloud.admin("POST", "deployment", { ...of, slowMs: 30_000 });
    const asked = score("keyed", await keyOf("keyed"), undefined, { "azureml-model-deployment": "dying" });
    const other = { "azureml-model-deployment": "dying" };
    const key = await keyOf("keyed");
    // Beyond its one request at a time it answers 429 after half a second: then the first one is at work.
    await until(async () => (await score("keyed", key, undefined, other)).status === 429);
    expect((await cloud.admin("POST", "kill", { ...of, replica: 0 })).status).toBe(200);
    expect([(await asked).status, (await asked).body.error?.code]).toEqual([502, "BadGateway"]);
    await cloud.finish(await cloud.arm("DELETE", deploymentOf("keyed", "dying"), versions.ml));
  }, 60_000);

  test("a deployment grows with its load, queues for a moment, and shrinks when it idles", async () => {
    const scaleSettings = { scaleType: "TargetUtilization", minInstances: 1, maxInstances: 2 };
    const requestSettings = { requestTimeout: "PT60S", maxQueueWait: "PT30S" };
    const { properties, ...rest } = deployment();
    const grown = { ...properties, scaleSettings, requestSettings };
    await cloud.put(deploymentOf("keyed", "grown"), versions.ml, { ...rest, properties: grown });
    const key = await keyOf("keyed");
    const state = async () =>
      ((await post(`${deploymentOf("keyed", "grown")}/getLogs`, {})).body as unknown as { content: string }).content;
    const chosen = { "azureml-model-deployment": "grown" };
    const answers = await Promise.all(Array.from({ length: 12 }, () => score("keyed", key, undefined, chosen)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 200));
    await until(async () => (await state()).includes("2 of 2"), 30_000);
    await score("keyed", key, undefined, chosen);
    await cloud.admin("PUT", "clock", { advanceSeconds: 120 });
    await until(async () => (await state()).includes("1 of 1"));
    await cloud.finish(await cloud.arm("DELETE", deploymentOf("keyed", "grown"), versions.ml));
  }, 60_000);

  test("a deployment serves again after a kill -9 of the cloud, and one that was being made is made", async () => {
    const begun = await cloud.arm("PUT", deploymentOf("keyed", "cut"), versions.ml, deployment());
    await cloud.killAndRestart();
    await until(async () => (await score("keyed", await keyOf("keyed"))).status === 200, 30_000);
    expect(await cloud.finish(begun)).toBe("Succeeded");
    const answer = await score("keyed", await keyOf("keyed"), undefined, { "azureml-model-deployment": "cut" });
    expect(answer.status).toBe(200);
  }, 60_000);

  test("a deployment with traffic is not deleted, and one without leaves the traffic", async () => {
    const refused = await cloud.arm("DELETE", deploymentOf("keyed", "blue"), versions.ml);
    expect([refused.status, refused.body.error?.code]).toEqual([409, "UserError"]);
    await cloud.finish(await cloud.arm("DELETE", deploymentOf("keyed", "green"), versions.ml));
    expect((await cloud.arm("GET", idOf("keyed"), versions.ml)).body.properties?.traffic).toEqual({ blue: 100 });
  });

  test("keys are made anew one by one, and those that a client brings are never answered with the endpoint", async () => {
    const before = await keyOf("keyed");
    expect((await post(`${idOf("keyed")}/regenerateKeys`, { keyType: "Third" })).status).toBe(400);
    await post(`${idOf("keyed")}/regenerateKeys`, { keyType: "Primary" });
    expect((await score("keyed", before)).status).toBe(401);
    const body = endpointBody("Key", {});
    const brought = { ...body, properties: { ...body.properties, keys: { primaryKey: "mine-mine-mine" } } };
    expect(JSON.stringify(await cloud.put(idOf("brought"), versions.ml, brought))).not.toContain("mine-mine");
    expect(await keyOf("brought")).toBe("mine-mine-mine");
  });

  test("an endpoint of tokens takes its tokens, and no keys", async () => {
    await endpoint("tokened", "AMLToken");
    await cloud.put(deploymentOf("tokened", "blue"), versions.ml, deployment());
    await endpoint("tokened", "AMLToken", { blue: 100 });
    const { accessToken, expiryTimeUtc } = (await post(`${idOf("tokened")}/token`)).body as unknown as {
      accessToken: string;
      expiryTimeUtc: number;
    };
    expect(expiryTimeUtc).toBeGreaterThan(Date.now() / 1000);
    expect((await score("tokened", accessToken)).status).toBe(200);
    const expired = accessToken.replace(String(expiryTimeUtc), String(expiryTimeUtc - 4000));
    expect((await score("tokened", expired)).status).toBe(401);
    expect((await post(`${idOf("tokened")}/listKeys`)).status).toBe(400);
    expect((await post(`${idOf("keyed")}/token`)).status).toBe(400);
  }, 30_000);
});
