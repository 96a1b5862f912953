import { randomUUID } from "node:crypto";
import { TestCloud, until, versions } from "./testCloud";

describe("services of the local cloud", () => {
  let cloud: TestCloud;
  let group: string;
  let workspace: string;
  beforeAll(async () => {
    cloud = await TestCloud.start();
    group = await cloud.group("rg");
    workspace = await cloud.workspace("mlw", group);
  }, 60_000);
  afterAll(() => cloud.remove());

  const refusal = async (id: string, version: string, body: unknown) => {
    const { status, body: answer } = await cloud.arm("PUT", id, version, body);
    return { status, code: answer.error?.code, target: answer.error?.target };
  };
  const compute = (vmSize: string, properties = {}) => ({
    location: "eastus2",
    properties: { computeType: "AmlCompute", properties: { vmSize, ...properties } },
  });
  const upload = async (container: string, name: string, text: string) =>
    (await cloud.container("mlwst", container)).getBlockBlobClient(name).uploadData(Buffer.from(text));
  const place = (datastore: string, path: string) =>
    `azureml://subscriptions/${cloud.record.subscriptionId}/resourcegroups/rg/workspaces/mlw/datastores/${datastore}/paths/${path}`;

  test("a workspace brings its datastores, whose containers are there", async () => {
    const { properties = {} } = (await cloud.arm("GET", workspace, versions.ml)).body;
    expect(properties.mlFlowTrackingUri).toBe(`azureml://localhost:${cloud.record.port}/mlflow/v1.0${workspace}`);
    const datastores = (await cloud.arm("GET", `${workspace}/datastores`, versions.ml)).body.value ?? [];
    expect(datastores.map(({ name }) => name).sort()).toEqual([
      "workspaceartifactstore",
      "workspaceblobstore",
      "workspacefilestore",
      "workspaceworkingdirectory",
    ]);
    for (const { properties: store } of datastores) {
      if (store?.datastoreType !== "AzureBlob") continue;
      expect(await (await cloud.container("mlwst", String(store.containerName))).exists()).toBe(true);
    }
    const byDefault = await cloud.request("GET", `${workspace}/datastores?api-version=${versions.ml}&isDefault=true`);
    expect(byDefault.body.value?.map(({ name }) => name)).toEqual(["workspaceblobstore"]);
  });

  test("a workspace without its vault is refused", async () => {
    const { properties } = (await cloud.arm("GET", workspace, versions.ml)).body;
    expect(
      await refusal(`${group}/providers/Microsoft.MachineLearningServices/workspaces/other`, versions.ml, {
        location: "eastus2",
        properties: { storageAccount: properties?.storageAccount, keyVault: `${String(properties?.keyVault)}x` },
      }),
    ).toEqual({ status: 400, code: "ValidationError", target: "properties.keyVault" });
  });

  test.each(["STANDARD_NC6s_v3", "STANDARD_NC6", "Standard_NC24rs_v3", "Standard_NV12"])(
    "%s has been retired",
    async (size) => {
      expect(await refusal(`${workspace}/computes/gpu`, versions.ml, compute(size))).toEqual({
        status: 400,
        code: "SkuNotAvailable",
        target: "properties.properties.vmSize",
      });
    },
  );

  test("a cluster keeps its size", async () => {
    const id = `${workspace}/computes/gpu-cluster`;
    await cloud.put(id, versions.ml, compute("STANDARD_NC4AS_T4_V3"));
    expect(await refusal(id, versions.ml, compute("STANDARD_NC8AS_T4_V3"))).toMatchObject({ status: 400 });
    const same = await cloud.put(id, versions.ml, compute("Standard_NC4as_T4_v3"));
    expect(same.properties?.provisioningState).toBe("Succeeded");
  });

  test("a cluster of Kubernetes can be attached once its extension is installed", async () => {
    const cluster = `${group}/providers/Microsoft.ContainerService/managedClusters/aks`;
    const attached = {
      location: "eastus2",
      properties: { computeType: "Kubernetes", resourceId: cluster, properties: {} },
    };
    const id = `${workspace}/computes/aks`;
    expect((await refusal(id, versions.ml, attached)).target).toBe("properties.resourceId");
    await cloud.put(cluster, versions.clusters, {
      location: "eastus2",
      identity: { type: "SystemAssigned" },
      properties: {
        dnsPrefix: "aks",
        agentPoolProfiles: [{ name: "system", mode: "System", vmSize: "Standard_D4s_v5", count: 1 }],
      },
    });
    expect(await refusal(id, versions.ml, attached)).toMatchObject({ status: 400, code: "BadArgument" });
    const extension = `${cluster}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`;
    await cloud.put(extension, versions.extensions, {
      properties: {
        extensionType: "Microsoft.AzureML.Kubernetes",
        configurationSettings: { enableInference: "True", allowInsecureConnections: "True" },
      },
    });
    expect((await cloud.put(id, versions.ml, attached)).properties).toMatchObject({ isAttachedCompute: true });
  });

  test("pools are resources of their own, wherever they were declared", async () => {
    const cluster = `${group}/providers/Microsoft.ContainerService/managedClusters/pooled`;
    const system = { name: "system", mode: "System", vmSize: "Standard_D4s_v5", count: 1 };
    const body = (...pools: object[]) => ({
      location: "eastus2",
      identity: { type: "SystemAssigned" },
      properties: { dnsPrefix: "aks", ...(pools.length > 0 ? { agentPoolProfiles: pools } : {}) },
    });
    const names = async () => {
      const listed = (await cloud.arm("GET", `${cluster}/agentPools`, versions.clusters)).body.value ?? [];
      const { agentPoolProfiles = [] } = (await cloud.arm("GET", cluster, versions.clusters)).body.properties ?? {};
      const profiles = (agentPoolProfiles as { name: string }[]).map(({ name }) => name);
      expect(listed.map(({ name }) => name)).toEqual(profiles);
      return profiles;
    };
    await cloud.put(cluster, versions.clusters, body(system));
    expect(await names()).toEqual(["system"]);
    const own = await cloud.put(`${cluster}/agentPools/user`, versions.clusters, {
      properties: { mode: "User", vmSize: "Standard_D4s_v5", count: 2 },
    });
    expect(own.properties).toMatchObject({ count: 2, provisioningState: "Succeeded" });
    await cloud.put(cluster, versions.clusters, body({ ...system, count: 3 }));
    expect(await names()).toEqual(["system", "user"]);
    const changed = (await cloud.arm("GET", `${cluster}/agentPools/system`, versions.clusters)).body;
    expect(changed.properties).toMatchObject({ count: 3, mode: "System" });
    await cloud.finish(await cloud.arm("PATCH", cluster, versions.clusters, { tags: { a: "1" } }));
    expect(await names()).toEqual(["system", "user"]);
    const last = await cloud.arm("DELETE", `${cluster}/agentPools/system`, versions.clusters);
    expect([last.status, last.body.error?.message]).toEqual([400, "There has to be at least one system agent pool."]);
    expect((await cloud.arm("DELETE", `${cluster}/agentPools/user`, versions.clusters)).status).toBe(202);
  });

  test("nodes that a cluster keeps come up, and are listed", async () => {
    const id = `${workspace}/computes/standing`;
    const body = {
      location: "eastus2",
      properties: {
        computeType: "AmlCompute",
        properties: { vmSize: "Standard_NC4as_T4_v3", scaleSettings: { minNodeCount: 1, maxNodeCount: 2 } },
      },
    };
    await cloud.put(id, versions.ml, body);
    const nodes = async () =>
      (await cloud.arm("POST", `${id}/listNodes`, versions.ml)).body as { nodes?: { nodeState: string }[] };
    await until(async () => (await nodes()).nodes?.[0]?.nodeState === "idle");
    expect(await nodes()).toEqual({
      nodes: [{ nodeId: expect.any(String) as string, nodeState: "idle", runId: null }],
    });
    const attached = await cloud.arm("POST", `${workspace}/computes/aks/listNodes`, versions.ml);
    expect([attached.status, attached.body.error?.code]).toEqual([400, "ComputeTypeNotSupported"]);
  });

  test("a datastore needs an account that is there", async () => {
    const datastore = (accountName: string) => ({
      properties: {
        datastoreType: "AzureBlob",
        accountName,
        containerName: "images",
        credentials: { credentialsType: "None" },
      },
    });
    const id = `${workspace}/datastores/coco`;
    expect(await refusal(id, versions.ml, datastore("nobody"))).toMatchObject({ target: "properties.accountName" });
    expect((await cloud.put(id, versions.ml, datastore("mlwst"))).properties?.isDefault).toBe(false);
  });

  test("versions make their container, count up, and never change their content", async () => {
    const version = (name: string) => `${workspace}/data/coco/versions/${name}`;
    const body = (path: string, description = "") => ({
      properties: { dataType: "uri_folder", dataUri: place("workspaceblobstore", path), description },
    });
    await cloud.put(version("1"), versions.ml, body("a/"));
    await cloud.put(version("2"), versions.ml, body("b/"));
    const container = (await cloud.arm("GET", `${workspace}/data/coco`, versions.ml)).body;
    expect(container.properties).toMatchObject({ latestVersion: "2", nextVersion: "3" });
    expect(await refusal(version("1"), versions.ml, body("c/"))).toMatchObject({
      status: 409,
      target: "properties.dataUri",
    });
    const described = await cloud.put(version("1"), versions.ml, body("a/", "described"));
    expect(described.properties?.description).toBe("described");
  });

  test("a model of a run is the run's artifact, and must be there", async () => {
    const id = `${workspace}/models/detector/versions/1`;
    const body = {
      properties: { modelType: "custom_model", modelUri: "azureml://jobs/j_HD_0/outputs/artifacts/outputs/model.pt" },
    };
    expect(await refusal(id, versions.ml, body)).toMatchObject({ status: 400, target: "properties.modelUri" });
    await upload("azureml", "ExperimentRun/dcid.j_HD_0/outputs/model.pt", "weights");
    const uri = (await cloud.put(id, versions.ml, body)).properties?.modelUri;
    expect(uri).toBe(place("workspaceartifactstore", "ExperimentRun/dcid.j_HD_0/outputs/model.pt"));
    expect((await cloud.arm("PUT", id, versions.ml, body)).status).toBe(200);
    expect(
      (await cloud.arm("PUT", id, versions.ml, { properties: { ...body.properties, modelUri: uri } })).status,
    ).toBe(200);
  });

  test("a labeling project counts the images of its data", async () => {
    for (const name of ["a.jpg", "b.png", "notes.txt"]) await upload("azureml", `labeled/${name}`, "x");
    const data = `${workspace}/data/labeled/versions/1`;
    await cloud.put(data, versions.ml, {
      properties: { dataType: "uri_folder", dataUri: place("workspaceartifactstore", "labeled/") },
    });
    const job = (dataId: string) => ({
      properties: {
        jobType: "Labeling",
        dataConfiguration: { dataId, incrementalDataRefresh: "Disabled" },
        labelingJobMediaProperties: { mediaType: "Image", annotationType: "BoundingBox" },
      },
    });
    const id = `${workspace}/labelingJobs/project`;
    const version = "2024-01-01-preview";
    expect(await refusal(id, version, job(`${data}x`))).toMatchObject({ status: 400 });
    expect((await cloud.put(id, version, job(data))).properties).toMatchObject({
      progressMetrics: { totalDatapointCount: 2, completedDatapointCount: 0 },
    });
  });

  test("a labeling project takes new labels while it is paused, and exports in each form", async () => {
    const data = `${workspace}/data/exported/versions/1`;
    await cloud.put(data, versions.ml, {
      properties: { dataType: "uri_folder", dataUri: place("workspaceartifactstore", "labeled/") },
    });
    const version = "2024-01-01-preview";
    const id = `${workspace}/labelingJobs/exporting`;
    const job = (...labels: string[]) => ({
      properties: {
        jobType: "Labeling",
        dataConfiguration: { dataId: data, incrementalDataRefresh: "Enabled" },
        labelCategories: {
          objects: {
            multiSelect: "Disabled",
            classes: Object.fromEntries(labels.map((name) => [name, { displayName: name }])),
          },
        },
        labelingJobMediaProperties: { mediaType: "Image", annotationType: "BoundingBox" },
      },
    });
    const act = (action: string, body?: object) => cloud.arm("POST", `${id}/${action}`, version, body);
    const later = async (action: string, body?: object) => {
      const { status, headers } = await act(action, body);
      const location = headers.get("location") ?? "";
      expect([status, headers.get("azure-asyncoperation")]).toEqual([202, null]);
      let answer = await cloud.request("GET", location);
      await until(async () => (answer = await cloud.request("GET", location)).status !== 202);
      expect(answer.status).toBe(200);
      return answer.body as unknown as Record<string, string>;
    };
    await cloud.put(id, version, job("person"));
    expect(await refusal(id, version, job("person", "food"))).toMatchObject({ status: 400 });
    expect((await act("pause")).status).toBe(200);
    expect((await cloud.put(id, version, job("person", "food"))).properties).toMatchObject({ status: "Paused" });
    expect(await refusal(id, version, job("food"))).toMatchObject({ status: 400 });
    await later("resume");
    expect((await cloud.arm("GET", id, version)).body.properties).toMatchObject({ status: "Running" });

    expect((await act("exportLabels", { format: "Yolo" })).status).toBe(400);
    for (const format of ["Coco", "CSV"]) {
      const { containerName = "", snapshotPath = "", ...summary } = await later("exportLabels", { format });
      expect(summary).toMatchObject({ format, labelingJobId: id, exportedRowCount: 0 });
      const blob = (await cloud.container("mlwst", containerName)).getBlobClient(snapshotPath);
      expect((await blob.downloadToBuffer()).toString()).toContain(format === "Coco" ? '"food"' : "Url,Label");
    }
    const { labeledAssetName } = await later("exportLabels", { format: "Dataset" });
    expect(labeledAssetName).toMatch(/^exporting_\d{8}_\d{6}$/);
    const asset = await cloud.arm("GET", `${workspace}/data/${labeledAssetName}/versions/1`, versions.ml);
    expect(asset.body.properties).toMatchObject({ dataType: "mltable" });
  });

  test("a role is assigned once", async () => {
    const assignment = () => `${workspace}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`;
    const role = `${cloud.subscription}/providers/Microsoft.Authorization/roleDefinitions/ba92f5b4-2d11-453d-a403-e96b0029c9fe`;
    const body = {
      properties: { principalId: randomUUID(), roleDefinitionId: role, principalType: "ServicePrincipal" },
    };
    const id = assignment();
    expect((await cloud.put(id, versions.roles, body)).properties?.scope).toBe(workspace);
    expect((await cloud.arm("PUT", id, versions.roles, body)).status).toBe(200);
    expect(await refusal(assignment(), versions.roles, body)).toMatchObject({
      status: 409,
      code: "RoleAssignmentExists",
    });
    expect(
      await refusal(`${workspace}/providers/Microsoft.Authorization/roleAssignments/mine`, versions.roles, body),
    ).toMatchObject({ status: 400, code: "InvalidRoleAssignmentId" });
  });

  test("a secret's value is never answered", async () => {
    const id = `${group}/providers/Microsoft.KeyVault/vaults/mlw-kv/secrets/key`;
    const { properties } = await cloud.put(id, versions.vaults, { properties: { value: "hush" } });
    expect(JSON.stringify(properties)).not.toContain("hush");
    expect(properties?.secretUri).toBe(`${cloud.record.url}/vaults/mlw-kv/secrets/key`);
  });

  test.each([
    [
      "storageAccounts/Capital",
      "Microsoft.Storage",
      versions.storage,
      { kind: "StorageV2", sku: { name: "Standard_LRS" } },
    ],
    [
      "vaults/1digit",
      "Microsoft.KeyVault",
      versions.vaults,
      { properties: { tenantId: randomUUID(), sku: { family: "A", name: "standard" } } },
    ],
    ["workspaces/x", "Microsoft.MachineLearningServices", versions.ml, { properties: {} }],
  ])("the name of %s is not allowed", async (path, namespace, version, body) => {
    const answer = await refusal(`${group}/providers/${namespace}/${path}`, version, { location: "eastus2", ...body });
    expect(answer.status).toBe(400);
    expect(answer.code).toMatch(/Name|Validation/);
  });

  test("an account's name is taken for all groups", async () => {
    const other = await cloud.group("other");
    await expect(cloud.account("mlwst", other)).rejects.toThrow("StorageAccountAlreadyTaken");
  });
});
