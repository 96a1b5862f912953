import { TestCloud, versions } from "../local/emulator/testCloud";
import { call } from "./driver";

interface Outputs {
  current: string;
  state: string;
  scoringUri: string;
}

describe("the default deployment of a batch endpoint", () => {
  let cloud: TestCloud;
  let endpointId: string;

  beforeAll(async () => {
    cloud = await TestCloud.start(true);
    const workspace = await cloud.workspace("mlw", await cloud.group("rg"));
    endpointId = `${workspace}/batchEndpoints/detector-batch`;
    const { body } = await cloud.arm("GET", `${workspace}/datastores/workspaceblobstore`, versions.ml);
    const { accountName, containerName } = body.properties as { accountName: string; containerName: string };
    const store = await cloud.container(accountName, containerName);
    await store.getBlockBlobClient("model.pt").uploadData(Buffer.from("weights"));
    const assets = {
      models: { modelType: "custom_model", modelUri: "azureml://datastores/workspaceblobstore/paths/model.pt" },
      codes: { codeUri: "azureml://datastores/workspaceblobstore/paths/code" },
      environments: { image: "image" },
    };
    const idOf = (kind: string) => `${workspace}/${kind}/detector/versions/1`;
    for (const [kind, properties] of Object.entries(assets)) await cloud.put(idOf(kind), versions.ml, { properties });
    await cloud.put(`${workspace}/computes/gpu`, versions.ml, {
      location: "eastus2",
      properties: { computeType: "AmlCompute", properties: { vmSize: "Standard_NC4as_T4_v3" } },
    });
    await cloud.put(endpointId, versions.ml, { location: "eastus2", properties: { authMode: "AADToken" } });
    for (const name of ["old", "new"])
      await cloud.put(`${endpointId}/deployments/${name}`, versions.ml, {
        location: "eastus2",
        properties: {
          compute: `${workspace}/computes/gpu`,
          model: { referenceType: "Id", assetId: idOf("models") },
          codeConfiguration: { codeId: idOf("codes"), scoringScript: "batch_score.py" },
          environmentId: idOf("environments"),
        },
      });
  }, 60_000);
  afterAll(() => cloud.remove());

  const lifecycle = (method: string, ...args: unknown[]) =>
    call<Outputs>(cloud.record, "batchDefault", method, ...args);
  const inputs = (deployment: string) => ({ endpointId, deployment });
  const live = async () => {
    const { properties } = (await cloud.arm("GET", endpointId, versions.ml)).body;
    return (properties?.defaults as { deploymentName?: string }).deploymentName;
  };
  const setByHand = (deploymentName: string) =>
    cloud.put(endpointId, versions.ml, {
      location: "eastus2",
      properties: { authMode: "AADToken", defaults: { deploymentName } },
    });

  test("is set, moves, and is put back when somebody moved it", async () => {
    const made = await lifecycle("create", inputs("old"));
    expect(made.answer?.outs).toMatchObject({ current: "old", state: "Succeeded" });
    expect(made.answer?.outs.scoringUri).toMatch(/^https:.*\/batchEndpoints\/detector-batch\/jobs$/);
    const moved = await lifecycle("update", made.answer?.id, made.answer?.outs, inputs("new"));
    expect([moved.answer?.outs.current, await live()]).toEqual(["new", "new"]);
    expect(moved.printed).toContain("default deployment new");
    await setByHand("old");
    const read = await lifecycle("read", made.answer?.id, { ...inputs("new"), ...moved.answer?.outs });
    const seen = (read.answer as unknown as { props: Outputs }).props;
    expect(seen.current).toBe("old");
    expect((await lifecycle("diff", made.answer?.id, seen, inputs("new"))).answer).toMatchObject({ changes: true });
    await lifecycle("update", made.answer?.id, seen, inputs("new"));
    expect(await live()).toBe("new");
  }, 60_000);

  test("waits while the endpoint is being changed, and says what to do about one that is not there", async () => {
    await cloud.admin("POST", "faults", {
      match: { method: "PUT", path: "/batchEndpoints/detector-batch\\?" },
      count: 1,
      fault: { status: 409, code: "Conflict", message: "because it is in Updating provisioning state" },
    });
    expect((await lifecycle("create", inputs("old"))).answer?.outs.current).toBe("old");
    const gone = { ...inputs("old"), endpointId: `${endpointId}-none` };
    const { thrown } = await lifecycle("create", gone);
    expect(thrown?.message).toMatch(/Batch endpoint \S+-none is not there\. Run "pulumi refresh"/);
  }, 60_000);
});
