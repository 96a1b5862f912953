import { TestCloud, versions } from "./testCloud";

describe("limits of services", () => {
  let cloud: TestCloud;
  let group: string;
  let workspace: string;
  beforeAll(async () => {
    cloud = await TestCloud.start();
    group = await cloud.group("rg");
    workspace = await cloud.workspace("mlw", group);
  }, 60_000);
  afterAll(() => cloud.remove());

  const provider = (path: string) => () => `${group}/providers/${path}`;
  const child = (path: string) => () => `${workspace}/${path}`;
  const cluster = (pool: object) => ({
    location: "eastus2",
    identity: { type: "SystemAssigned" },
    properties: {
      dnsPrefix: "aks",
      agentPoolProfiles: [{ name: "system", mode: "System", vmSize: "Standard_D4s_v5", ...pool }],
    },
  });
  const vault = (properties: object) => ({
    location: "eastus2",
    properties: { tenantId: cloud.record.tenantId, sku: { family: "A", name: "standard" }, ...properties },
  });
  const nodes = (minNodeCount: number, maxNodeCount: number, more: object = {}) => ({
    location: "eastus2",
    properties: {
      computeType: "AmlCompute",
      properties: { vmSize: "Standard_D2s_v3", scaleSettings: { minNodeCount, maxNodeCount, ...more } },
    },
  });

  test.each<[string, () => string, string, () => object, string]>([
    [
      "an identity's name",
      provider("Microsoft.ManagedIdentity/userAssignedIdentities/x"),
      "2023-01-31",
      () => ({ location: "eastus2" }),
      "name",
    ],
    [
      "a cluster's name",
      provider("Microsoft.ContainerService/managedClusters/-aks"),
      versions.clusters,
      () => cluster({}),
      "name",
    ],
    [
      "an asset's name",
      child("data/.set/versions/1"),
      versions.ml,
      () => ({ properties: { dataType: "uri_folder", dataUri: "x" } }),
      "name",
    ],
    [
      "a pool without a node for the system",
      provider("Microsoft.ContainerService/managedClusters/aks"),
      versions.clusters,
      () => cluster({ count: 0 }),
      "properties.agentPoolProfiles[0].count",
    ],
    [
      "a pool that scales without bounds",
      provider("Microsoft.ContainerService/managedClusters/aks"),
      versions.clusters,
      () => cluster({ enableAutoScaling: true }),
      "properties.agentPoolProfiles[0].minCount",
    ],
    [
      "a vault's retention",
      provider("Microsoft.KeyVault/vaults/short-kv"),
      versions.vaults,
      () => vault({ softDeleteRetentionInDays: 3 }),
      "properties.softDeleteRetentionInDays",
    ],
    [
      "more nodes at least than at most",
      child("computes/cpu"),
      versions.ml,
      () => nodes(3, 2),
      "properties.properties.scaleSettings",
    ],
    [
      "a node count that is not whole",
      child("computes/cpu"),
      versions.ml,
      () => nodes(0.5, 2),
      "properties.properties.scaleSettings.minNodeCount",
    ],
    [
      "an idle time that is no duration",
      child("computes/cpu"),
      versions.ml,
      () => nodes(0, 2, { nodeIdleTimeBeforeScaleDown: "120 seconds" }),
      "properties.properties.scaleSettings.nodeIdleTimeBeforeScaleDown",
    ],
    [
      "a retention beyond a year",
      provider("Microsoft.Storage/storageAccounts/mlwst/blobServices/default"),
      versions.storage,
      () => ({ properties: { deleteRetentionPolicy: { enabled: true, days: 400 } } }),
      "properties.deleteRetentionPolicy.days",
    ],
  ])("%s is refused", async (_what, id, version, body, target) => {
    const answer = await cloud.arm("PUT", id(), version, body());
    expect([answer.status, answer.body.error?.target]).toEqual([400, target]);
  });

  describe("a vault's protection", () => {
    const id = () => `${group}/providers/Microsoft.KeyVault/vaults/safe-kv`;
    const put = (properties: object) => cloud.arm("PUT", id(), versions.vaults, vault(properties));
    beforeAll(() =>
      cloud.put(id(), versions.vaults, vault({ enablePurgeProtection: true, softDeleteRetentionInDays: 7 })),
    );

    test.each<[string, object, string]>([
      ["from purges cannot be taken back", { enablePurgeProtection: false }, "properties.enablePurgeProtection"],
      ["of deleted ones neither", { enableSoftDelete: false }, "properties.enableSoftDelete"],
      ["has its days once and for all", { softDeleteRetentionInDays: 90 }, "properties.softDeleteRetentionInDays"],
    ])("%s", async (_what, properties, target) => {
      const answer = await put(properties);
      expect([answer.status, answer.body.error?.target]).toEqual([400, target]);
    });

    test("stays where a PUT does not name it", async () => {
      const { body } = await put({ enableRbacAuthorization: true });
      expect(body.properties).toMatchObject({ enablePurgeProtection: true, softDeleteRetentionInDays: 7 });
    });
  });

  describe("lists of versions", () => {
    const versionId = (version: number) => `${workspace}/data/listed/versions/${version}`;
    const data = (dataType: string, tags: object) => ({ properties: { dataType, dataUri: "https://data/x", tags } });
    const list = async (query: string) => {
      const path = `${workspace}/data/listed/versions?api-version=${versions.ml}&${query}`;
      const { status, body } = await cloud.request("GET", path);
      return status === 200 ? (body.value ?? []).map(({ name }) => name) : [body.error?.target];
    };
    beforeAll(async () => {
      await cloud.put(versionId(1), versions.ml, data("uri_file", { split: "train" }));
      await cloud.put(versionId(2), versions.ml, data("uri_file", { split: "test", checked: "" }));
    });

    test.each<[string, unknown[]]>([
      ["", ["1", "2"]],
      ["$orderBy=createdtime desc", ["2", "1"]],
      ["$orderBy=createdtime desc&$top=1", ["2"]],
      ["$orderBy=modifiedtime asc", ["1", "2"]],
      ["$orderBy=size", ["$orderBy"]],
      ["$tags=split=test", ["2"]],
      ["$tags=split,checked", ["2"]],
      ["listViewType=ArchivedOnly", []],
      ["listViewType=Bogus", ["listViewType"]],
    ])("'%s'", async (query, names) => {
      expect(await list(query)).toEqual(names);
    });

    test("are of one type", async () => {
      const answer = await cloud.arm("PUT", versionId(3), versions.ml, data("mltable", {}));
      expect([answer.status, answer.body.error?.target]).toEqual([400, "properties.dataType"]);
    });
  });

  test("usages of a region that there is not are refused", async () => {
    const path = `${cloud.subscription}/providers/Microsoft.MachineLearningServices/locations/nowhere/usages`;
    const { status, body } = await cloud.arm("GET", path, versions.ml);
    expect([status, body.error?.code]).toEqual([400, "LocationNotAvailableForResourceType"]);
  });
});
