import { join } from "node:path";
import type { ContainerClient } from "@azure/storage-blob";
import { guidOf } from "../../../local/emulator/guid";
import { Identity } from "../../../local/emulator/identity";

import { TrainingCloud } from "../../providers/trainingCloud";
import { until, versions, type ArmAnswer, type TestCloud } from "./testCloud";

const realClock = { now: Date.now, realTimeOf: (localMs: number) => localMs };
/** Pictures among the files of the folder; the table and its lines are none. */
const pictures = 12;
const others = 2;

describe("a batch endpoint", () => {
  let cloud: TestCloud;
  let training: TrainingCloud;
  let workspace: string;
  let store: ContainerClient;
  let folder: string;

  beforeAll(async () => {
    training = await TrainingCloud.start(true);
    ({ cloud, workspaceId: workspace } = training);
    await cloud.put(`${workspace}/jobs/model`, versions.ml, { properties: training.body() });
    await until(async () => /Completed|Failed/.test(await statusOf("model")), 90_000);
    await cloud.put(`${workspace}/models/detector/versions/1`, versions.ml, {
      properties: {
        modelType: "custom_model",
        modelUri: "azureml://jobs/model_HD_0/outputs/artifacts/outputs/model.pt",
      },
    });
    const { body } = await cloud.arm("GET", `${workspace}/datastores/workspaceblobstore`, versions.ml);
    const { accountName, containerName } = body.properties as { accountName: string; containerName: string };
    store = await cloud.container(accountName, containerName);
    const codeUri = `azureml://datastores/workspaceblobstore/paths/code`;
    await cloud.put(`${workspace}/codes/scoring/versions/1`, versions.ml, { properties: { codeUri } });
    await cloud.put(`${workspace}/environments/scoring/versions/1`, versions.ml, { properties: { image: "i" } });
    folder = "azureml://datastores/workspaceblobstore/paths/data/";
    await cloud.put(idOf(), versions.ml, endpoint());
    await cloud.put(deploymentOf("blue"), versions.ml, deployment({ miniBatchSize: 5, maxConcurrencyPerInstance: 2 }));
    await cloud.put(deploymentOf("strict"), versions.ml, deployment({ errorThreshold: 1 }));
    await cloud.put(idOf(), versions.ml, endpoint({ defaults: { deploymentName: "blue" } }));
  }, 150_000);
  afterAll(() => training.remove());

  const idOf = () => `${workspace}/batchEndpoints/detector-batch`;
  const deploymentOf = (name: string) => `${idOf()}/deployments/${name}`;
  const endpoint = (properties: object = {}) => ({
    location: "eastus2",
    properties: { authMode: "AADToken", ...properties },
  });
  const deployment = (properties: object = {}) => ({
    location: "eastus2",
    properties: {
      compute: `${workspace}/computes/gpu`,
      model: { referenceType: "Id", assetId: `${workspace}/models/detector/versions/1` },
      codeConfiguration: { codeId: `${workspace}/codes/scoring/versions/1`, scoringScript: "batch_score.py" },
      environmentId: `${workspace}/environments/scoring/versions/1`,
      environmentVariables: { BOX_SCORE_THRESHOLD: "0" },
      outputFileName: "predictions.jsonl",
      ...properties,
    },
  });
  const statusOf = async (job: string) =>
    String((await cloud.arm("GET", `${workspace}/jobs/${job}`, versions.ml)).body.properties?.status);
  const invoke = async (properties: object, headers: Record<string, string> = {}, token?: string): Promise<ArmAnswer> =>
    cloud.request("POST", "/batchEndpoints/detector-batch/jobs", {
      body: { properties },
      headers,
      token: token ?? (await cloud.token("https://ml.azure.com")),
    });
  const input = (Uri: string, JobInputType = "UriFolder") => ({ InputData: { pictures: { JobInputType, Uri } } });
  const ended = async (answer: ArmAnswer) => {
    expect([answer.status, answer.body.error]).toEqual([202, undefined]);
    const name = answer.body.name ?? "";
    await until(async () => /Completed|Failed|Canceled/.test(await statusOf(name)), 60_000);
    return (await cloud.arm("GET", `${workspace}/jobs/${name}`, versions.ml)).body;
  };
  const rowsAt = async (path: string) =>
    (await store.getBlobClient(path).downloadToBuffer())
      .toString("utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { filename: string; boxes: { box: object; label: string; score: number }[] });

  test("scores the files of a folder, and writes a row for each picture to the datastore", async () => {
    const OutputData = {
      score: { JobOutputType: "UriFile", Uri: "azureml://datastores/workspaceblobstore/paths/out" },
    };
    const job = await ended(await invoke({ ...input(folder), OutputData }));
    expect(job.properties).toMatchObject({
      jobType: "Pipeline",
      status: "Completed",
      computeId: `${workspace}/computes/gpu`,
      inputs: { pictures: { jobInputType: "uri_folder", uri: folder } },
      properties: { "azureml.deploymentname": "blue", files: `${pictures + others}`, failedFiles: `${others}` },
    });
    const rows = await rowsAt("out/predictions.jsonl");
    expect(rows.map(({ filename }) => filename).sort()).toEqual(
      Array.from({ length: pictures }, (_, index) => `${index}.jpg`).sort(),
    );
    const [first] = rows.flatMap(({ boxes }) => boxes);
    expect(first).toEqual({
      label: "thing",
      score: expect.any(Number) as number,
      box: {
        topX: expect.any(Number) as number,
        topY: expect.any(Number) as number,
        bottomX: expect.any(Number) as number,
        bottomY: expect.any(Number) as number,
      },
    });
  }, 60_000);

  test.each([
    ["a data asset", () => `${workspace}/data/folder/versions/1`],
    ["the id of a datastore", () => `${workspace}/datastores/workspaceblobstore/paths/data`],
    ["the address of a blob", () => `${store.getBlobClient("data/3.jpg").url}`],
  ])(
    "takes %s, in the words of azure-ai-ml",
    async (what, uri) => {
      await cloud.put(`${workspace}/data/folder/versions/1`, versions.ml, {
        properties: { dataType: "uri_folder", dataUri: folder },
      });
      const jobInputType = what === "the address of a blob" ? "UriFile" : "UriFolder";
      const answer = await invoke({ inputData: { any: { jobInputType, uri: uri() } } });
      const { name = "", properties } = await ended(answer);
      expect(properties?.status).toBe("Completed");
      expect(await rowsAt(`azureml/${name}/score/predictions.jsonl`)).toHaveLength(
        jobInputType === "UriFile" ? 1 : pictures,
      );
    },
    60_000,
  );

  test("fails with the reason when more files fail than are allowed, or there are none", async () => {
    const strict = await ended(await invoke(input(folder), { "azureml-model-deployment": "strict" }));
    const reasonOf = ({ properties }: typeof strict) => (properties?.tags as Record<string, string>)["azureml.error"];
    expect([strict.properties?.status, reasonOf(strict)]).toEqual([
      "Failed",
      `${others} of ${pictures + others} files failed, which is above the error threshold of 1.`,
    ]);
    const empty = await ended(await invoke(input("azureml://datastores/workspaceblobstore/paths/nothing")));
    expect([empty.properties?.status, reasonOf(empty)]).toEqual(["Failed", "The input has no files at 'nothing'."]);
  }, 60_000);

  test("tells its jobs and their states to who asks the endpoint", async () => {
    const token = await cloud.token("https://ml.azure.com");
    const listed = await cloud.request("GET", "/batchEndpoints/detector-batch/jobs", { token });
    const inArm = await cloud.arm("GET", `${idOf()}/jobs`, versions.ml);
    expect(listed.body.value?.length).toBeGreaterThan(0);
    expect(inArm.body.value).toEqual(listed.body.value);
    const jobs = listed.body.value ?? [];
    const at = (name: string) => cloud.request("GET", `/batchEndpoints/detector-batch/jobs/${name}`, { token });
    for (const { name = "", properties } of jobs) expect((await at(name)).body.properties).toEqual(properties);
    expect(new Set(jobs.map(({ properties }) => properties?.status))).toEqual(new Set(["Completed", "Failed"]));
    expect((await at(`${jobs[0]?.name}x`)).status).toBe(404);
  });

  test("a job begins again after a power cut, and can be canceled", async () => {
    const interrupted = await invoke(input(folder));
    await cloud.killAndRestart();
    expect((await ended(interrupted)).properties?.status).toBe("Completed");
    const { name = "" } = (await invoke(input(folder))).body;
    await cloud.request("POST", `${workspace}/jobs/${name}/cancel?api-version=${versions.ml}`);
    await until(async () => (await statusOf(name)) === "Canceled");
  }, 60_000);

  test.each([
    ["no input", {}, 400, "properties.InputData"],
    ["two inputs", { InputData: { a: {}, b: {} } }, 400, "properties.InputData"],
    ["a literal", input("x", "Literal"), 400, "properties.InputData.pictures.JobInputType"],
    ["a path that there is not", input("azureml://datastores/none/paths/x"), 400, "properties.InputData.pictures.Uri"],
    [
      "an output that is no datastore",
      { ...input("azureml://datastores/workspaceblobstore/paths/data"), OutputData: { score: { Uri: "https://x/y" } } },
      400,
      "properties.OutputData.score.Uri",
    ],
  ])("refuses a request with %s", async (_what, properties, status, target) => {
    const answer = await invoke(properties);
    expect([answer.status, answer.body.error?.target]).toEqual([status, target]);
  });

  test("refuses a table, an unknown deployment, and who has no right or the wrong token", async () => {
    const table = await invoke(input(`${workspace}/data/pictures/versions/1`));
    expect([table.status, table.body.error?.message]).toEqual([400, expect.stringContaining("is an mltable")]);
    expect((await invoke(input(folder), { "azureml-model-deployment": "red" })).status).toBe(404);
    expect((await invoke(input(folder), {}, "none")).status).toBe(401);
    const identity = await Identity.open(join(cloud.stateFolder, "cloud"), cloud.record.url, realClock);
    const stranger = { objectId: guidOf("stranger"), clientId: guidOf("stranger", "client"), name: "stranger" };
    const { token } = identity.issue("https://ml.azure.com", stranger);
    expect((await invoke(input(folder), {}, token)).body.error?.message).toContain("batchEndpoints/jobs/write");
    const storage = await cloud.token("https://storage.azure.com/");
    expect((await invoke(input(folder), {}, storage)).status).toBe(401);
  });

  test.each([
    ["keys", { authMode: "Key" }, "properties.authMode"],
    ["a default that there is not", { defaults: { deploymentName: "red" } }, "properties.defaults.deploymentName"],
  ])("is refused with %s", async (_what, properties, target) => {
    const answer = await cloud.arm("PUT", idOf(), versions.ml, endpoint(properties));
    expect([answer.status, answer.body.error?.target]).toEqual([400, target]);
  });

  test.each([
    [{ miniBatchSize: 0 }, 400, "properties.miniBatchSize"],
    [{ maxConcurrencyPerInstance: 0 }, 400, "properties.maxConcurrencyPerInstance"],
    [{ errorThreshold: -2 }, 400, "properties.errorThreshold"],
    [{ codeConfiguration: undefined }, 400, "properties.codeConfiguration.codeId"],
    [{ environmentId: undefined }, 400, "properties.environmentId"],
    [{ compute: "/none" }, 400, "properties.compute"],
    [{ model: { referenceType: "Id", assetId: "/none" } }, 400, "properties.model.assetId"],
    [{ retrySettings: { maxRetries: -1 } }, 400, "properties.retrySettings"],
  ])("its deployment is refused with %p", async (properties, status, target) => {
    const answer = await cloud.arm("PUT", deploymentOf("wrong"), versions.ml, deployment(properties));
    expect([answer.status, answer.body.error?.target]).toEqual([status, target]);
  });

  test("keeps its default deployment until another one is the default", async () => {
    const refused = await cloud.arm("DELETE", deploymentOf("blue"), versions.ml);
    expect([refused.status, refused.body.error?.message]).toEqual([409, expect.stringContaining("default deployment")]);
    await cloud.put(idOf(), versions.ml, endpoint({ defaults: { deploymentName: "strict" } }));
    await cloud.finish(await cloud.arm("DELETE", deploymentOf("blue"), versions.ml));
    expect((await cloud.arm("GET", deploymentOf("blue"), versions.ml)).status).toBe(404);
  });
});
