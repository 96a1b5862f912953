import * as pulumi from "@pulumi/pulumi";
import { InferenceCluster, type InferenceClusterArgs } from "../../components/inferenceCluster";
import type { Workspace } from "../../components/workspace";

interface Made {
  type: string;
  inputs: Record<string, unknown>;
}

const made: Made[] = [];

beforeAll(() =>
  pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      made.push({ type, inputs: inputs as Record<string, unknown> });
      const secretName = type.endsWith("RouterCertificate") ? "from-vault" : undefined;
      return { id: `${name}-id`, state: { ...(inputs as object), name, secretName } };
    },
    call: () => ({}),
  }),
);
beforeEach(() => {
  made.splice(0);
  // What it warns of is the subject of other tests.
  jest.spyOn(console, "warn").mockImplementation(() => {});
});

const id = (text: string) => pulumi.output(text);
const workspace = {
  id: id("/workspace"),
  logAnalyticsId: id("/logs"),
  resourceGroupName: id("rg"),
  location: id("eastus2"),
  placement: { resourceGroupName: id("rg"), workspaceName: id("mlw") },
  ready: [],
} as unknown as Workspace;

const settings: InferenceClusterArgs = {
  workspace,
  location: "eastus2",
  clusterName: "cluster-aks-gpu",
  vmSize: "STANDARD_NC6",
  replica: { cpu: 1, memoryGb: 50, gpu: 1 },
  nodes: { min: 0, max: 3 },
  systemNodes: { min: 1, max: 3, vmSize: "Standard_D4s_v5" },
  namespace: "default",
  instanceType: "gpu",
  operator: { principalId: "deployer", principalType: "User" },
  router: { serviceType: "LoadBalancer", internal: false, highAvailability: false },
  apiServer: { authorizedIpRanges: [], private: false },
  upgradeChannel: "stable",
  containerInsights: true,
  allowInsecureConnections: false,
  tls: { sslSecret: "tls", sslCname: "detector.example.com" },
};

/** Declares a cluster, and answers what it is made of, by the last part of each type. */
async function declare(change: Partial<InferenceClusterArgs> = {}): Promise<Map<string, Record<string, unknown>>> {
  const cluster = new InferenceCluster("inference", { ...settings, ...change });
  await new Promise((resolve) => cluster.computeId.apply(resolve));
  return new Map(made.map(({ type, inputs }) => [type.split(":").at(-1) ?? "", inputs]));
}

describe("an inference cluster", () => {
  test("brings the router's certificate from the vault into the cluster, and names it to the extension", async () => {
    const keyVaultSecretId = "/vaults/v/secrets/s";
    const resources = await declare({ tls: { keyVaultSecretId, sslCname: "detector.example.com" } });
    expect(resources.get("RouterCertificate")).toMatchObject({
      clusterId: "inference-aks-id",
      secretId: keyVaultSecretId,
      host: "detector.example.com",
    });
    const { configurationSettings } = resources.get("Extension") as { configurationSettings: object };
    expect(configurationSettings).toMatchObject({ sslSecret: "from-vault", sslCname: "detector.example.com" });
  });

  test("has a GPU pool from no node at all, no local accounts, Entra ID, and an attached compute", async () => {
    const resources = await declare();
    expect(resources.get("ManagedCluster")).toMatchObject({
      disableLocalAccounts: true,
      aadProfile: { managed: true, enableAzureRBAC: true },
      oidcIssuerProfile: { enabled: true },
      addonProfiles: { omsagent: { enabled: true, config: { logAnalyticsWorkspaceResourceID: "/logs" } } },
      agentPoolProfiles: [
        { name: "system", mode: "System" },
        { name: "gpu", vmSize: "Standard_NC16as_T4_v3", count: 0, minCount: 0, maxCount: 3 },
      ],
    });
    expect(resources.get("Extension")).toMatchObject({
      configurationSettings: { allowInsecureConnections: "False", sslSecret: "tls", inferenceRouterHA: "False" },
    });
    expect(resources.get("Compute")).toMatchObject({
      properties: {
        properties: { instanceTypes: { gpu: { resources: { limits: { memory: "106Gi", "nvidia.com/gpu": "1" } } } } },
      },
    });
  });

  test("has NVIDIA's device plugin once: by the extension, unless an adopted cluster has it", async () => {
    const id = "/subscriptions/s/resourceGroups/other/providers/Microsoft.ContainerService/managedClusters/shared";
    const pluginOf = async (change: Partial<InferenceClusterArgs>) =>
      ((await declare(change)).get("Extension")?.configurationSettings as Record<string, string>)
        .installNvidiaDevicePlugin;
    const adopted = { id, extensionInstalled: false, nodeSelector: { pool: "t4" } };
    expect(await pluginOf({})).toBe("True");
    expect(await pluginOf({ existingCluster: { ...adopted, devicePluginInstalled: false } })).toBe("True");
    expect(await pluginOf({ existingCluster: { ...adopted, devicePluginInstalled: true } })).toBe("False");
  });

  test("that is there already is attached as it is", async () => {
    const existing =
      "/subscriptions/s/resourceGroups/other/providers/Microsoft.ContainerService/managedClusters/shared";
    const resources = await declare({
      existingCluster: {
        id: existing,
        extensionInstalled: true,
        devicePluginInstalled: true,
        nodeSelector: { pool: "t4" },
      },
    });
    expect([...resources.keys()].sort()).toEqual([
      "ClusterObjects",
      "Compute",
      "InferenceCluster",
      "TrustedAccessRoleBinding",
    ]);
    expect(resources.get("TrustedAccessRoleBinding")).toMatchObject({
      resourceGroupName: "other",
      resourceName: "shared",
    });
    expect(resources.get("ClusterObjects")).toMatchObject({
      clusterId: existing,
      namespace: "default",
      instanceTypes: { gpu: { nodeSelector: { pool: "t4" } } },
    });
    expect(resources.get("Compute")).toMatchObject({
      properties: { resourceId: existing, properties: { instanceTypes: { gpu: { nodeSelector: { pool: "t4" } } } } },
    });
  });

  test.each<[string, Partial<InferenceClusterArgs>, RegExp]>([
    ["no certificate", { tls: undefined }, /serving\.tls is not set.*allowInsecureConnections/],
    ["a certificate for plain HTTP", { allowInsecureConnections: true }, /the router does one of them/],
    [
      "three routers on two nodes",
      {
        router: { ...settings.router, highAvailability: true },
        systemNodes: { ...settings.systemNodes, max: 2 },
      },
      /highAvailability is true and serving\.systemNodes\.max is 2.*want 3 nodes/,
    ],
    [
      "an internal address without a load balancer",
      { router: { ...settings.router, serviceType: "ClusterIP", internal: true } },
      /only a LoadBalancer has an internal address/,
    ],
    [
      "a private API server for ranges",
      { apiServer: { private: true, authorizedIpRanges: ["203.0.113.0/24"] } },
      /a private API server has no authorizedIpRanges/,
    ],
    ["a replica that fits no node", { vmSize: "Standard_NC4as_T4_v3" }, /serving\.memoryGb is 50.*NC8as_T4_v3/],
  ])("refuses %s at preview", (_what, change, message) => {
    expect(() => new InferenceCluster("inference", { ...settings, ...change })).toThrow(message);
  });
});
