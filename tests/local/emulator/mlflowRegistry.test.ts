import { TestCloud, versions } from "./testCloud";

interface Version {
  version: string;
  current_stage: string;
  run_id: string;
  source: string;
  aliases: string[];
  tags: { key: string; value: string }[];
}

interface Answer {
  error_code?: string;
  experiment_id?: string;
  run?: { info: { run_id: string; artifact_uri: string } };
  registered_model?: { name: string; description: string; latest_versions: Version[] };
  registered_models?: { name: string }[];
  model_version?: Version;
  model_versions?: Version[];
  next_page_token?: string;
  artifact_uri?: string;
  metrics?: { step: number }[];
}

/** What MLflow's own client sends; the client itself is Python. */
describe("MLflow's model registry", () => {
  let cloud: TestCloud;
  let workspace: string;
  let run: { run_id: string; artifact_uri: string };

  beforeAll(async () => {
    cloud = await TestCloud.start();
    workspace = await cloud.workspace("mlw", await cloud.group("rg"));
    const { experiment_id } = (await send("POST", "experiments/create", { name: "detection" })).body;
    run = (await send("POST", "runs/create", { experiment_id })).body.run!.info;
    for (const [path, content] of [
      ["model/MLmodel", { flavors: {} }],
      ["model/data.bin", "x"],
      ["weights/model.pt", "y"],
    ] as const)
      await cloud.request("PUT", `${run.artifact_uri}/${path}`, { body: content });
  }, 60_000);
  afterAll(() => cloud.remove());

  const send = async (method: string, path: string, body?: object) => {
    const query = method === "GET" && body ? `?${new URLSearchParams(body as Record<string, string>).toString()}` : "";
    const answer = await cloud.request(method, `/mlflow/v1.0${workspace}/api/2.0/mlflow/${path}${query}`, {
      body: method === "GET" ? undefined : body,
    });
    return { status: answer.status, body: answer.body as unknown as Answer };
  };
  const create = async (name: string) => (await send("POST", "registered-models/create", { name })).status;
  const register = async (name: string, path = "model") =>
    send("POST", "model-versions/create", { name, source: `${run.artifact_uri}/${path}`, run_id: run.run_id });

  test("registers what a run has logged; Resource Manager has the same model", async () => {
    expect(await create("detector")).toBe(200);
    const { model_version: first } = (await register("detector")).body;
    expect(first).toMatchObject({ version: "1", run_id: run.run_id, current_stage: "None" });
    const { properties } = (await cloud.arm("GET", `${workspace}/models/detector/versions/1`, versions.ml)).body;
    expect(properties).toMatchObject({ modelType: "mlflow_model", jobName: run.run_id, modelUri: first?.source });
    expect((await register("detector", "weights/model.pt")).body.model_version?.version).toBe("2");
    const raw = (await cloud.arm("GET", `${workspace}/models/detector/versions/2`, versions.ml)).body.properties;
    expect(raw?.modelType).toBe("custom_model");
    const uri = (await send("GET", "model-versions/get-download-uri", { name: "detector", version: "1" })).body
      .artifact_uri;
    expect((await cloud.request("GET", `${uri}/MLmodel`)).body).toEqual({ flavors: {} });
    // And what Resource Manager registers is in the registry.
    await cloud.put(`${workspace}/models/other/versions/7`, versions.ml, {
      properties: { modelType: "mlflow_model", modelUri: first?.source },
    });
    expect((await send("GET", "model-versions/get", { name: "other", version: "7" })).status).toBe(200);
    expect((await register("other")).body.model_version?.version).toBe("8");
  });

  test("gives versions that are registered at once a number each", async () => {
    await create("many");
    const made = await Promise.all(Array.from({ length: 12 }, () => register("many")));
    const numbers = made.map(({ body }) => Number(body.model_version?.version)).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    const first = (await send("POST", "model-versions/search", { filter: "name='many'", max_results: 10 })).body;
    const rest = { filter: "name='many'", max_results: 10, page_token: first.next_page_token };
    const second = (await send("POST", "model-versions/search", rest)).body;
    expect([first.model_versions?.length, second.model_versions?.length, second.next_page_token]).toEqual([
      10,
      2,
      undefined,
    ]);
  });

  test("moves versions through stages, and points aliases at them", async () => {
    await create("staged");
    for (let time = 0; time < 2; time++) await register("staged");
    const to = (version: string, stage: string, archive_existing_versions = false) =>
      send("POST", "model-versions/transition-stage", { name: "staged", version, stage, archive_existing_versions });
    await to("1", "production");
    await to("2", "Production", true);
    const stageOf = async (version: string) =>
      (await send("GET", "model-versions/get", { name: "staged", version })).body.model_version?.current_stage;
    expect([await stageOf("1"), await stageOf("2")]).toEqual(["Archived", "Production"]);
    const latest = await send("POST", "registered-models/get-latest-versions", {
      name: "staged",
      stages: ["Production"],
    });
    expect(latest.body.model_versions?.map(({ version }) => version)).toEqual(["2"]);
    await send("POST", "registered-models/alias", { name: "staged", alias: "best", version: "1" });
    const aliased = await send("GET", "registered-models/alias", { name: "staged", alias: "best" });
    expect(aliased.body.model_version).toMatchObject({ version: "1", aliases: ["best"] });
    await send("DELETE", "registered-models/alias", { name: "staged", alias: "best" });
    expect((await send("GET", "registered-models/alias", { name: "staged", alias: "best" })).status).toBe(400);
  });

  test("keeps descriptions and tags, and searches by them", async () => {
    await create("tagged");
    await register("tagged");
    await send("PATCH", "registered-models/update", { name: "tagged", description: "of boxes" });
    await send("POST", "registered-models/set-tag", { name: "tagged", key: "team", value: "vision" });
    await send("POST", "model-versions/set-tag", { name: "tagged", version: "1", key: "gate", value: "passed" });
    const names = async (filter: string) =>
      (await send("GET", "registered-models/search", { filter })).body.registered_models?.map(({ name }) => name);
    expect(await names("tags.team = 'vision'")).toEqual(["tagged"]);
    expect(await names("name LIKE 'tag%' and tags.team = 'vision'")).toEqual(["tagged"]);
    expect(await names("name = 'none'")).toEqual([]);
    const found = await send("GET", "model-versions/search", {
      filter: `run_id = '${run.run_id}' and tags.gate = 'passed'`,
    });
    expect(found.body.model_versions).toHaveLength(1);
    const model = (await send("GET", "registered-models/get", { name: "tagged" })).body.registered_model;
    expect(model).toMatchObject({ description: "of boxes", latest_versions: [{ version: "1" }] });
    await send("DELETE", "model-versions/delete-tag", { name: "tagged", version: "1", key: "gate" });
    await send("DELETE", "model-versions/delete", { name: "tagged", version: "1" });
    expect((await send("GET", "model-versions/get", { name: "tagged", version: "1" })).status).toBe(404);
  });

  test.each<[string, string, object, number, string]>([
    ["POST", "registered-models/create", { name: "a/b" }, 400, "INVALID_PARAMETER_VALUE"],
    ["GET", "registered-models/get", { name: "none" }, 404, "RESOURCE_DOES_NOT_EXIST"],
    ["POST", "registered-models/rename", { name: "detector", new_name: "x" }, 400, "BAD_REQUEST"],
    ["DELETE", "registered-models/delete", { name: "detector" }, 400, "BAD_REQUEST"],
    ["POST", "model-versions/create", { name: "none", source: "x" }, 404, "RESOURCE_DOES_NOT_EXIST"],
    ["POST", "model-versions/create", { name: "detector", source: "file:///etc" }, 400, "INVALID_PARAMETER_VALUE"],
    ["POST", "model-versions/create", { name: "detector", source: "runs:/none/model" }, 404, "RESOURCE_DOES_NOT_EXIST"],
    [
      "POST",
      "model-versions/transition-stage",
      { name: "detector", version: "1", stage: "Best" },
      400,
      "INVALID_PARAMETER_VALUE",
    ],
    ["GET", "model-versions/search", { filter: "name='a' or name='b'" }, 400, "INVALID_PARAMETER_VALUE"],
    ["GET", "registered-models/search", { filter: "color='red'" }, 400, "INVALID_PARAMETER_VALUE"],
  ])("%s %s %j is refused", async (method, path, body, status, code) => {
    await create("detector");
    await register("detector");
    const answer = await send(method, path, body);
    expect([answer.status, answer.body.error_code]).toEqual([status, code]);
  });

  test("a model of that name is registered once", async () => {
    await create("once");
    expect((await send("POST", "registered-models/create", { name: "once" })).body.error_code).toBe(
      "RESOURCE_ALREADY_EXISTS",
    );
  });

  test("long metric histories come in pages", async () => {
    const metrics = Array.from({ length: 25 }, (_, step) => ({ key: "loss", value: 1, timestamp: 1, step }));
    await send("POST", "runs/log-batch", { run_id: run.run_id, metrics });
    const steps: number[] = [];
    let token: string | undefined;
    do {
      const query = {
        run_id: run.run_id,
        metric_key: "loss",
        max_results: "10",
        ...(token ? { page_token: token } : {}),
      };
      const { body } = await send("GET", "metrics/get-history", query);
      steps.push(...(body.metrics ?? []).map(({ step }) => step));
      token = body.next_page_token;
    } while (token);
    expect(steps).toEqual(metrics.map(({ step }) => step));
  });
});
