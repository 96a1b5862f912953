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
  const nodes = (minNodeCount: number, maxNodeCount: number) => ({
    location: "eastus2",
    properties: {
      computeType: "AmlCompute",
      properties: { vmSize: "Standard_D2s_v3", scaleSettings: { minNodeCount, maxNodeCount } },
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
  ])("%s is refused", async (_what, id, version, body, target) => {
    const answer = await cloud.arm("PUT", id(), version, body());
    expect([answer.status, answer.body.error?.target]).toEqual([400, target]);
  });

  test("protection from purges cannot be taken back", async () => {
    const id = `${group}/providers/Microsoft.KeyVault/vaults/safe-kv`;
    await cloud.put(id, versions.vaults, vault({ enablePurgeProtection: true }));
    const answer = await cloud.arm("PUT", id, versions.vaults, vault({ enablePurgeProtection: false }));
    expect([answer.status, answer.body.error?.target]).toEqual([400, "properties.enablePurgeProtection"]);
  });
});
