import { setTimeout as sleep } from "node:timers/promises";
import type { ContainerClient } from "@azure/storage-blob";
import { until, versions } from "../local/emulator/testCloud";
import { call, outcome, start } from "./driver";
import { TrainingCloud } from "./trainingCloud";

interface Outputs {
  state: string;
  edited: boolean;
  applied: Record<string, unknown>;
}

describe("a deployment", () => {
  let training: TrainingCloud;
  let workspace: string;
  let endpointId: string;
  let store: ContainerClient;
  let weights: Buffer;

  beforeAll(async () => {
    training = await TrainingCloud.start();
    const { cloud, workspaceId } = training;
    workspace = workspaceId;
    endpointId = `${workspace}/onlineEndpoints/detector`;
    const job = `${workspace}/jobs/model`;
    await cloud.put(job, versions.ml, { properties: training.body() });
    const status = async () => String((await cloud.arm("GET", job, versions.ml)).body.properties?.status);
    await until(async () => /Completed|Failed/.test(await status()), 90_000);
    const artifacts = await containerOf("workspaceartifactstore");
    weights = await artifacts.getBlobClient("ExperimentRun/dcid.model_HD_0/outputs/model.pt").downloadToBuffer();
    store = await containerOf("workspaceblobstore");
    await cloud.put(endpointId, versions.ml, {
      location: "eastus2",
      identity: { type: "SystemAssigned" },
      properties: { authMode: "Key" },
    });
  }, 150_000);
  afterAll(() => training.remove());

  async function containerOf(datastore: string): Promise<ContainerClient> {
    const { body } = await training.cloud.arm("GET", `${workspace}/datastores/${datastore}`, versions.ml);
    const { accountName, containerName } = body.properties as { accountName: string; containerName: string };
    return training.cloud.container(accountName, containerName);
  }

  /** A model version whose file is at `models/NAME.pt`. */
  async function model(name: string, content: Buffer): Promise<string> {
    await store.getBlockBlobClient(`models/${name}.pt`).uploadData(content);
    const [, , subscription, , group, , , , workspaceName] = workspace.split("/");
    const base = `azureml://subscriptions/${subscription}/resourcegroups/${group}/workspaces/${workspaceName}`;
    const id = `${workspace}/models/${name}/versions/1`;
    const modelUri = `${base}/datastores/workspaceblobstore/paths/models/${name}.pt`;
    await training.cloud.put(id, versions.ml, { properties: { modelType: "custom_model", modelUri } });
    return id;
  }

  const inputs = (deploymentName: string, modelId: string) => ({
    endpointId,
    deploymentName,
    location: "eastus2",
    capacity: 1,
    tags: { stack: "dev" },
    properties: {
      endpointComputeType: "Kubernetes",
      model: modelId,
      environmentVariables: { BOX_SCORE_THRESHOLD: "0.3" },
    },
  });
  const lifecycle = (method: string, ...args: unknown[]) =>
    call<Outputs>(training.cloud.record, "onlineDeployment", method, ...args);
  const idOf = (name: string) => `${endpointId}/deployments/${name}`;
  const live = (name: string) => training.cloud.arm("GET", idOf(name), versions.ml);
  const traffic = (shares: Record<string, number>) =>
    training.cloud.put(endpointId, versions.ml, {
      location: "eastus2",
      identity: { type: "SystemAssigned" },
      properties: { authMode: "Key", traffic: shares },
    });

  test("is made, is taken up when it is there, and is told to be gone", async () => {
    const wanted = inputs("blue", await model("good", weights));
    const made = await lifecycle("create", wanted);
    expect(made.thrown).toBeUndefined();
    expect([made.answer?.id, made.answer?.outs.state]).toEqual([idOf("blue"), "Succeeded"]);
    const createdAt = (await live("blue")).body.systemData?.lastModifiedAt;
    const again = await lifecycle("create", wanted);
    expect(again.answer?.outs).toEqual(made.answer?.outs);
    expect((await live("blue")).body.systemData?.lastModifiedAt).toBe(createdAt);
    expect((await lifecycle("read", idOf("red"), { ...wanted, deploymentName: "red" })).answer).toEqual({});
  }, 60_000);

  test("takes new tags as it is, beside those of others", async () => {
    const wanted = inputs("tagged", await model("marked", weights));
    await lifecycle("create", wanted);
    await training.cloud.arm("PATCH", idOf("tagged"), versions.ml, { tags: { stack: "dev", team: "theirs" } });
    const tags = { stack: "dev", costCenter: "4711" };
    const made = await lifecycle("update", idOf("tagged"), { ...wanted, edited: false }, { ...wanted, tags });
    expect(made.thrown).toBeUndefined();
    expect((await live("tagged")).body).toMatchObject({
      tags: { ...tags, team: "theirs" },
      properties: { provisioningState: "Succeeded", environmentVariables: { BOX_SCORE_THRESHOLD: "0.3" } },
    });
  }, 60_000);

  test("is one and serves, whenever the process that makes it is killed", async () => {
    const wanted = inputs("killed", await model("steady", weights));
    for (const afterMs of [300, 700, 1_100]) {
      const child = start(training.cloud.record, "onlineDeployment", "create", [wanted]);
      const ending = outcome(child);
      await sleep(afterMs);
      child.kill("SIGKILL");
      await ending;
    }
    const made = await lifecycle("create", wanted);
    expect([made.thrown, made.answer?.outs.state]).toEqual([undefined, "Succeeded"]);
  }, 90_000);

  test("that does not start is kept with its reason, and is made anew when the cause is gone", async () => {
    const wanted = inputs("broken", await model("broken", Buffer.from("no weights")));
    const { thrown } = await lifecycle("create", wanted);
    expect(thrown).toMatchObject({ id: idOf("broken"), properties: { state: "Failed" } });
    expect(thrown?.message).toMatch(/Deployment broken does not serve: .*container did not start[^]*End of its log/);
    const diff = await lifecycle("diff", idOf("broken"), thrown?.properties, wanted);
    expect(diff.answer).toMatchObject({ changes: true, replaces: [] });
    await store.getBlockBlobClient("models/broken.pt").uploadData(weights);
    const mended = await lifecycle("update", idOf("broken"), thrown?.properties, wanted);
    expect([mended.thrown, mended.answer?.outs.state]).toEqual([undefined, "Succeeded"]);
  }, 90_000);

  test("that somebody edited is seen by a refresh and put back", async () => {
    const wanted = inputs("edited", await model("edited", weights));
    const made = await lifecycle("create", wanted);
    const { body } = await live("edited");
    await training.cloud.put(idOf("edited"), versions.ml, {
      location: "eastus2",
      properties: { ...body.properties, environmentVariables: { BOX_SCORE_THRESHOLD: "0.9" } },
    });
    const read = await lifecycle("read", idOf("edited"), made.answer?.outs);
    const seen = (read.answer as unknown as { props: Outputs }).props;
    expect(seen.edited).toBe(true);
    const updated = await lifecycle("update", idOf("edited"), seen, wanted);
    expect(updated.answer?.outs.edited).toBe(false);
    expect((await live("edited")).body.properties?.environmentVariables).toEqual({ BOX_SCORE_THRESHOLD: "0.3" });
  }, 90_000);

  test("is deleted, but never while it has traffic", async () => {
    const wanted = inputs("serving", await model("serving", weights));
    const made = await lifecycle("create", wanted);
    await traffic({ serving: 100 });
    const kept = await lifecycle("delete", idOf("serving"), made.answer?.outs);
    expect([kept.thrown, (await live("serving")).status]).toEqual([undefined, 200]);
    expect(kept.printed).toContain("serving stays: it has 100 % of the traffic");
    await traffic({});
    expect((await lifecycle("delete", idOf("serving"), made.answer?.outs)).thrown).toBeUndefined();
    expect((await live("serving")).status).toBe(404);
  }, 60_000);
});
