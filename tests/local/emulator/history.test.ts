import { TestCloud } from "./testCloud";

interface Answer {
  runId?: string;
  status?: string;
  displayName?: string;
  tags?: Record<string, string>;
  value?: { path?: string; runId?: string }[];
  logFiles?: Record<string, string>;
  artifactContentInformation?: Record<string, { contentUri: string }>;
  contentUri?: string;
  error?: { code: string };
}

/** Run history as azure-ai-ml and azureml-mlflow ask it; the clients themselves are in tests/clients. */
describe("run history", () => {
  let cloud: TestCloud;
  let workspace: string;
  let run: string;

  beforeAll(async () => {
    cloud = await TestCloud.start();
    workspace = await cloud.workspace("hist", await cloud.group("rg"));
    const tracking = `/mlflow/v2.0${workspace}/api/2.0/mlflow`;
    const made = await cloud.request("POST", `${tracking}/experiments/create`, { body: { name: "tried" } });
    const { experiment_id } = made.body as unknown as { experiment_id: string };
    const begin = async (tags: object[]) => {
      const answer = await cloud.request("POST", `${tracking}/runs/create`, { body: { experiment_id, tags } });
      return (answer.body as unknown as { run: { info: { run_id: string; artifact_uri: string } } }).run.info;
    };
    const info = await begin([]);
    run = info.run_id;
    expect(info.artifact_uri).toMatch(
      new RegExp(`^azureml://localhost:\\d+/mlflow/v2.0/.*/experiments/tried/runs/${run}/`),
    );
    await begin([{ key: "mlflow.parentRunId", value: run }]);
  }, 60_000);
  afterAll(() => cloud.remove());

  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await cloud.request(method, `/history/v1.0${workspace}${path}`, { body });
    return { status: answer.status, body: answer.body as unknown as Answer };
  };
  /** Where the account is in the path again, as a client that goes there sees it. */
  const reachable = (contentUri: string) => contentUri.replace(/^https:\/\/[^/]*@/, "https://");

  test("tells where files of a run are to be written, lists them, and where they can be read, to who has the address", async () => {
    const artifacts = `/experiments/tried/runs/${run}/artifacts`;
    const path = "user_logs/std_log.txt";
    const begun = await ask("POST", `${artifacts}/batch/metadata`, { paths: [{ path }] });
    const target = reachable(begun.body.artifactContentInformation?.[path]?.contentUri ?? "");
    const written = await cloud.raw(
      "PUT",
      target,
      { "x-ms-blob-type": "BlockBlob", "x-ms-version": "2024-11-04" },
      "hello",
    );
    expect(written.status).toBe(201);
    expect((await ask("GET", artifacts)).body.value).toMatchObject([{ path }]);
    const { contentUri = "" } = (await ask("GET", `${artifacts}/contentinfo?path=${path}`)).body;
    const { logFiles = {} } = (await ask("GET", `/runs/${run}/details`)).body;
    for (const url of [reachable(contentUri), logFiles[path] ?? ""])
      expect(await cloud.raw("GET", url, {})).toMatchObject({ status: 200, text: "hello" });
    // What may be read may not be written.
    const refused = await cloud.raw("PUT", logFiles[path] ?? "", { "x-ms-blob-type": "BlockBlob" }, "changed");
    expect(refused.status).toBe(403);
  });

  test("changes the name and the tags of a run", async () => {
    const changed = await ask("PATCH", `/experiments/tried/runs/${run}`, { displayName: "renamed", tags: { a: "1" } });
    expect(changed.body).toMatchObject({ runId: run, displayName: "renamed", tags: { a: "1" } });
  });

  test("knows the children of a run", async () => {
    expect((await ask("GET", `/runs/${run}/children`)).body.value).toHaveLength(1);
  });

  test.each<[string, string, string, unknown, number, string]>([
    ["a run that is not there", "GET", "/runs/nobody/details", undefined, 404, "UserError"],
    ["a path out of the run", "GET", `/runs/RUN/artifacts/contentinfo?path=../../x`, undefined, 400, "UserError"],
    ["a file that is not there", "GET", `/runs/RUN/artifacts/contentinfo?path=x`, undefined, 404, "UserError"],
    ["a change that it does not make", "PATCH", "/runs/RUN", { status: "Completed" }, 501, "NotImplemented"],
    ["what it does not have", "GET", "/runs/RUN/events", undefined, 501, "NotImplemented"],
  ])("refuses %s", async (_what, method, path, body, status, code) => {
    const answer = await ask(method, path.replace("RUN", run), body);
    expect([answer.status, answer.body.error?.code]).toEqual([status, code]);
  });
});
