import { randomUUID } from "node:crypto";
import { TestCloud } from "./testCloud";

interface Answer {
  error_code?: string;
  experiment_id?: string;
  experiments?: { name: string }[];
  run?: {
    info: { run_id: string; artifact_uri: string };
    data: { tags: { key: string; value: string }[]; metrics?: object[] };
  };
  runs?: { info: { run_id: string } }[];
  next_page_token?: string;
  metrics?: { step: number; value: number }[];
  files?: { path: string; is_dir: boolean; file_size?: number }[];
}

/** What MLflow's own client sends; the client itself is Python. */
describe("MLflow tracking", () => {
  let cloud: TestCloud;
  let base: string;
  let experiment: string;
  let run: string;

  beforeAll(async () => {
    cloud = await TestCloud.start();
    base = `/mlflow/v1.0${await cloud.workspace("mlw", await cloud.group("rg"))}/api/2.0/mlflow`;
    experiment = (await send("POST", "experiments/create", { name: "detection" })).body.experiment_id ?? "";
    run = await newRun({ tags: [{ key: "note", value: "this and that" }], run_name: "first" });
    await send("POST", "runs/log-parameter", { run_id: run, key: "lr", value: "0.1" });
    for (const step of [0, 1, 2]) {
      await send("POST", "runs/log-metric", { run_id: run, key: "loss", value: 1 / (step + 1), timestamp: 1, step });
    }
  }, 60_000);
  afterAll(() => cloud.remove());

  const send = async (method: string, path: string, body?: unknown) => {
    const answer = await cloud.request(method, `${base}/${path}`, { body });
    return { status: answer.status, body: answer.body as unknown as Answer };
  };
  const newRun = async (more = {}) =>
    (await send("POST", "runs/create", { experiment_id: experiment, start_time: Date.now(), ...more })).body.run!.info
      .run_id;
  const search = async (filter: string, more = {}) =>
    (await send("POST", "runs/search", { experiment_ids: [experiment], filter, ...more })).body;

  test.each([
    ["", 1],
    ["tags.note = 'this and that'", 1],
    ["tags.`note` != 'other'", 1],
    ["params.lr = '0.1' AND metrics.loss < 0.5", 1],
    ["metrics.loss > 0.5", 0],
    ["attributes.status = 'RUNNING' and run_name = 'first'", 1],
    ["tags.mlflow.runName = 'first'", 1],
    ["start_time > 0", 1],
  ])("filter %p", async (filter, count) => {
    expect((await search(filter)).runs).toHaveLength(count);
  });

  test.each([
    ["a filter with OR", "runs/search", { filter: "params.a = '1' or params.b = '2'" }],
    ["a filter without a value", "runs/search", { filter: "params.a =" }],
    ["a filter that ends with AND", "runs/search", { filter: "params.a = '1' and " }],
    ["an attribute that there is not", "runs/search", { filter: "attributes.color = 'red'" }],
    ["a metric compared with text", "runs/search", { filter: "metrics.loss > 'much'" }],
    ["a parameter with an order", "runs/search", { filter: "params.lr < '1'" }],
    ["an order by a metric", "runs/search", { order_by: ["metrics.loss DESC"] }],
    ["an odd page", "runs/search", { page_token: "abc" }],
    ["a page of less than nothing", "runs/search", { max_results: -1 }],
    ["an odd status", "runs/update", { status: "DONE" }],
    ["a parameter that changes", "runs/log-parameter", { key: "lr", value: "0.2" }],
    ["a metric that is no number", "runs/log-metric", { key: "loss", value: "much", timestamp: 1, step: 1 }],
    ["a key that is too long", "runs/log-metric", { key: "k".repeat(251), value: 1, timestamp: 1, step: 1 }],
    ["a value that is too long", "runs/log-parameter", { key: "k", value: "v".repeat(6001) }],
    [
      "a batch that is too large",
      "runs/log-batch",
      { params: Array.from({ length: 101 }, (_, i) => ({ key: `${i}`, value: "" })) },
    ],
    ["a metric without a key", "runs/log-metric", { value: 1 }],
  ])("%s is an INVALID_PARAMETER_VALUE", async (_what, path, body) => {
    const answer = await send("POST", path, { run_id: run, experiment_ids: [experiment], ...body });
    expect([answer.status, answer.body.error_code]).toEqual([400, "INVALID_PARAMETER_VALUE"]);
  });

  test.each([
    ["GET", "runs/get?run_id=none", undefined, 404, "RESOURCE_DOES_NOT_EXIST"],
    ["GET", "experiments/get-by-name?experiment_name=none", undefined, 404, "RESOURCE_DOES_NOT_EXIST"],
    ["POST", "experiments/create", { name: "detection" }, 400, "RESOURCE_ALREADY_EXISTS"],
    ["POST", "runs/frobnicate", {}, 404, "ENDPOINT_NOT_FOUND"],
  ])("%s %s is refused in MLflow's form", async (method, path, body, status, code) => {
    const answer = await send(method, path, body);
    expect([answer.status, answer.body.error_code]).toEqual([status, code]);
  });

  test("searches come in pages, and tell deleted runs apart", async () => {
    const extra = await newRun();
    const first = await search("", { max_results: 1 });
    const second = await search("", { max_results: 1, page_token: first.next_page_token });
    expect([...(first.runs ?? []), ...(second.runs ?? [])].map(({ info }) => info.run_id).sort()).toEqual(
      [run, extra].sort(),
    );
    expect(second.next_page_token).toBeUndefined();
    await send("POST", "runs/delete", { run_id: extra });
    expect((await search("")).runs).toHaveLength(1);
    expect((await search("", { run_view_type: "DELETED_ONLY" })).runs).toHaveLength(1);
    await send("POST", "runs/restore", { run_id: extra });
    expect((await search("", { run_view_type: "ALL" })).runs).toHaveLength(2);
    await send("POST", "runs/delete", { run_id: extra });
  });

  test("a metric's history is that of its own key", async () => {
    await send("POST", "runs/log-metric", { run_id: run, key: "loss|x", value: 9, timestamp: 1, step: 0 });
    const { metrics } = (await send("GET", `metrics/get-history?run_id=${run}&metric_key=loss`)).body;
    expect(metrics?.map(({ step, value }) => [step, value])).toEqual([
      [0, 1],
      [1, 0.5],
      [2, 1 / 3],
    ]);
  });

  test("tags are removed, experiments renamed and found by name", async () => {
    await send("POST", "runs/set-tag", { run_id: run, key: "gone", value: "1" });
    expect((await send("POST", "runs/delete-tag", { run_id: run, key: "gone" })).status).toBe(200);
    const { tags } = (await send("GET", `runs/get?run_id=${run}`)).body.run!.data;
    expect(tags.map(({ key }) => key)).not.toContain("gone");
    await send("POST", "experiments/update", { experiment_id: experiment, new_name: "renamed" });
    const found = await send("POST", "experiments/search", { filter: "name = 'renamed'", max_results: 10 });
    expect(found.body.experiments?.map(({ name }) => name)).toEqual(["renamed"]);
  });

  test("artifacts are written, listed and read at the run's artifact_uri", async () => {
    const uri = (await send("GET", `runs/get?run_id=${run}`)).body.run!.info.artifact_uri;
    const put = await cloud.request("PUT", `${uri}/outputs/labels.json`, { body: ["person"] });
    expect(put.status).toBe(200);
    const list = async (path = "") => (await send("GET", `artifacts/list?run_id=${run}&path=${path}`)).body.files;
    expect(await list()).toEqual([{ path: "outputs", is_dir: true }]);
    expect(await list("outputs")).toEqual([{ path: "outputs/labels.json", is_dir: false, file_size: 10 }]);
    const [root, folder = ""] = uri.split("/mlflow-artifacts/artifacts/");
    const proxied = await cloud.request("GET", `${root}/mlflow-artifacts/artifacts?path=${folder}/outputs`);
    expect((proxied.body as unknown as Answer).files).toEqual([{ path: "labels.json", is_dir: false, file_size: 10 }]);
    expect((await cloud.request("GET", `${uri}/outputs/labels.json`)).body).toEqual(["person"]);
    expect((await cloud.request("GET", `${uri}/outputs/none`)).status).toBe(404);
    expect((await cloud.request("GET", `${uri}/%2e%2e/%2e%2e/x`)).status).toBeGreaterThanOrEqual(400);
    expect((await cloud.request("GET", `${uri}/outputs/labels.json`, { token: "" })).status).toBe(401);
  });

  test("a workspace that is made again has none of it", async () => {
    const group = await cloud.group("brief");
    const workspace = await cloud.workspace("brief", group);
    const created = await cloud.request("POST", `/mlflow/v1.0${workspace}/api/2.0/mlflow/experiments/create`, {
      body: { name: randomUUID() },
    });
    expect(created.status).toBe(200);
    await cloud.finish(await cloud.request("DELETE", `${workspace}?api-version=2025-12-01&forceToPurge=true`));
    await cloud.workspace("brief", group);
    const found = await cloud.request("POST", `/mlflow/v1.0${workspace}/api/2.0/mlflow/experiments/search`, {
      body: {},
    });
    expect((found.body as unknown as Answer).experiments).toEqual([]);
  });

  test("a metric that is no number is a text, as protobuf writes it, and no filter finds it", async () => {
    const diverged = await newRun();
    const value = "NaN";
    await send("POST", "runs/log-metric", { run_id: diverged, key: "gain", value, timestamp: 1, step: 0 });
    const { body } = await send("GET", `runs/get?run_id=${diverged}`);
    expect(body.run?.data?.metrics).toEqual([{ key: "gain", value, timestamp: 1, step: 0 }]);
    expect((await search("metrics.gain > 0")).runs ?? []).toEqual([]);
    expect((await search("metrics.gain <= 0")).runs ?? []).toEqual([]);
  });
});
