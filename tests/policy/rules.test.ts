import type { Values } from "../../lib/values";
import { checkRule, sentence, type CheckedResource } from "../../policy/rule";
import { rules } from "../../policy/rules";
import { types } from "../../policy/types";

const named = new Map(rules.map((rule) => [rule.name, rule]));

/** Inputs in the form in which the engine hands them to a policy. */
function check(rule: string, resource: Partial<CheckedResource>, settings: object = {}): string[] {
  const found = named.get(rule);
  if (!found) throw new Error(`there is no rule "${rule}"`);
  const whole = { type: "", name: "one", stack: "dev", props: {}, isProtected: false, ...resource };
  return checkRule(found, whole, settings).map(sentence);
}

const storage: Values = {
  accountName: "stobjdetdev24e164",
  allowBlobPublicAccess: false,
  allowSharedKeyAccess: false,
  enableHttpsTrafficOnly: true,
  minimumTlsVersion: "TLS1_2",
  publicNetworkAccess: "Disabled",
  tags: { application: "azure-ml-object-detection", stack: "dev" },
};
const training: Values = {
  computeName: "gpu-cluster",
  properties: {
    computeType: "AmlCompute",
    disableLocalAuth: true,
    properties: { vmSize: "Standard_NC24ads_A100_v4", scaleSettings: { minNodeCount: 0, maxNodeCount: 4 } },
  },
};
const cluster: Values = {
  disableLocalAccounts: true,
  apiServerAccessProfile: { enablePrivateCluster: true },
  agentPoolProfiles: [
    { name: "system", vmSize: "Standard_D4s_v5", enableAutoScaling: true, count: 1, minCount: 1, maxCount: 3 },
    { name: "gpu", vmSize: "Standard_NC16as_T4_v3", enableAutoScaling: true, count: 1, minCount: 1, maxCount: 3 },
  ],
};
const extension: Values = {
  extensionType: "Microsoft.AzureML.Kubernetes",
  configurationSettings: {
    allowInsecureConnections: "False",
    inferenceRouterServiceType: "LoadBalancer",
    internalLoadBalancerProvider: "azure",
  },
};
const managed: Values = {
  capacity: 1,
  properties: { endpointComputeType: "Managed", instanceType: "Standard_NC16as_T4_v3" },
};
const job: Values = {
  baseName: "coco128-sweep",
  bounds: {
    vmSize: "Standard_NC24ads_A100_v4",
    trials: 10,
    concurrentTrials: 2,
    maxNodes: 4,
    timeoutMinutes: 120,
  },
  cost: { perNodeHour: 3.673, nodes: 2 },
};

/** The inputs with the value at a path replaced; undefined takes it out. */
function but(props: Values, path: string, value: unknown): Values {
  const [head = "", ...rest] = path.split(".");
  const inner = (props[head] ?? {}) as Values;
  const changed = Array.isArray(inner)
    ? Object.assign([...(inner as unknown[])], but({ ...inner }, rest.join("."), value))
    : inner;
  return {
    ...props,
    [head]: rest.length === 0 ? value : Array.isArray(inner) ? changed : but(inner, rest.join("."), value),
  };
}

type Case = [rule: string, type: string, good: Values, path: string, bad: unknown, says: RegExp];

const cases: Case[] = [
  [
    "no-public-blobs",
    types.storageAccount,
    storage,
    "allowBlobPublicAccess",
    true,
    /allowBlobPublicAccess is true; allowed is false\. Set it/,
  ],
  ["no-public-blobs", types.storageAccount, storage, "allowBlobPublicAccess", undefined, /is not set/],
  [
    "no-public-blobs",
    types.blobContainer,
    { publicAccess: "None" },
    "publicAccess",
    "Blob",
    /publicAccess is "Blob"; allowed is "None"/,
  ],
  [
    "no-shared-keys",
    types.storageAccount,
    storage,
    "allowSharedKeyAccess",
    undefined,
    /allowSharedKeyAccess is not set; allowed is false/,
  ],
  [
    "no-shared-keys",
    types.workspace,
    { systemDatastoresAuthMode: "Identity" },
    "systemDatastoresAuthMode",
    "AccessKey",
    /"Identity"/,
  ],
  ["no-shared-keys", types.registry, {}, "adminUserEnabled", true, /adminUserEnabled is true/],
  [
    "no-shared-keys",
    types.cluster,
    cluster,
    "disableLocalAccounts",
    false,
    /disableLocalAccounts is false; allowed is true/,
  ],
  [
    "no-shared-keys",
    types.compute,
    training,
    "properties.disableLocalAuth",
    undefined,
    /properties\.disableLocalAuth is not set/,
  ],
  [
    "minimum-tls",
    types.storageAccount,
    storage,
    "minimumTlsVersion",
    "TLS1_1",
    /minimumTlsVersion is "TLS1_1"; allowed is "TLS1_2" or "TLS1_3"/,
  ],
  ["minimum-tls", types.storageAccount, storage, "enableHttpsTrafficOnly", false, /enableHttpsTrafficOnly is false/],
  ["minimum-tls", types.extension, extension, "configurationSettings.allowInsecureConnections", "True", /serving\.tls/],
  [
    "minimum-tls",
    types.containerApp,
    { configuration: {} },
    "configuration.ingress.allowInsecure",
    true,
    /allowInsecure is true/,
  ],
  [
    "minimum-tls",
    types.databaseConfiguration,
    { configurationName: "require_secure_transport", value: "on" },
    "value",
    "off",
    /value is "off"; allowed is "on"\. Set require_secure_transport to it/,
  ],
  [
    "minimum-tls",
    types.databaseConfiguration,
    { configurationName: "ssl_min_protocol_version", value: "TLSv1.2" },
    "value",
    "TLSv1",
    /allowed is "TLSv1\.2" or "TLSv1\.3"/,
  ],
  [
    "no-public-database",
    types.databaseServer,
    { network: { publicNetworkAccess: "Disabled" } },
    "network.publicNetworkAccess",
    undefined,
    /network\.publicNetworkAccess is not set; allowed is "Disabled"/,
  ],
  [
    "gpu-limits",
    types.compute,
    training,
    "properties.properties.vmSize",
    "Standard_ND96isr_H100_v5",
    /vmSize is "Standard_ND96isr_H100_v5"; allowed is Standard_NC4as_T4_v3, /,
  ],
  [
    "gpu-limits",
    types.compute,
    training,
    "properties.properties.scaleSettings.maxNodeCount",
    9,
    /maxNodeCount is 9; allowed is at most 8 nodes/,
  ],
  ["gpu-limits", types.cluster, cluster, "agentPoolProfiles.1.maxCount", 20, /agentPoolProfiles\[1\]\.maxCount is 20/],
  ["gpu-limits", types.agentPool, { vmSize: "Standard_NC4as_T4_v3", count: 2 }, "count", 12, /count is 12/],
  ["gpu-limits", types.deployment, managed, "capacity", 10, /capacity is 10/],
  [
    "no-retired-sizes",
    types.compute,
    training,
    "properties.properties.vmSize",
    "STANDARD_NC6s_V3",
    /retired it on 2025-09-30 .* set onRetiredSize to "replace"/,
  ],
  [
    "no-retired-sizes",
    types.cluster,
    cluster,
    "agentPoolProfiles.1.vmSize",
    "STANDARD_NC6",
    /agentPoolProfiles\[1\]\.vmSize is "STANDARD_NC6"; allowed is a current size, such as "Standard_NC16as_T4_v3"/,
  ],
  [
    "no-retired-sizes",
    types.deployment,
    managed,
    "properties.instanceType",
    "Standard_NC12",
    /instanceType is "Standard_NC12"/,
  ],
  [
    "finite-training",
    types.trainingJob,
    job,
    "bounds.timeoutMinutes",
    null,
    /timeoutMinutes is null; allowed is a number of minutes up to 1440\. Set limits\.timeout_minutes/,
  ],
  ["finite-training", types.trainingJob, job, "bounds.timeoutMinutes", 1441, /is 1441/],
  [
    "training-cost",
    types.trainingJob,
    job,
    "bounds.timeoutMinutes",
    6000,
    /worst case in USD is 734\.6; allowed is at most 500\. It is 2 nodes x 100 h x 3\.673 USD/,
  ],
  [
    "training-cost",
    types.trainingJob,
    but(job, "cost", undefined),
    "bounds.vmSize",
    "Standard_X1",
    /Its price is not known/,
  ],
  [
    "required-tags",
    types.storageAccount,
    storage,
    "tags.stack",
    "",
    /tags\.stack is ""; .*pulumi config set --path tags\.stack VALUE/,
  ],
  ["required-tags", types.storageAccount, storage, "tags", undefined, /tags\.application is not set/],
];

describe("rules of the policy pack", () => {
  test.each(cases)("%s: %s", (rule, type, good, path, bad, says) => {
    expect(check(rule, { type, props: good, stack: "staging" })).toEqual([]);
    expect(check(rule, { type, props: but(good, path, bad), stack: "staging" })[0]).toMatch(says);
  });

  test.each([
    [types.storageAccount, storage, "publicNetworkAccess"],
    [types.vault, { properties: { publicNetworkAccess: "disabled" } }, "properties.publicNetworkAccess"],
    [types.workspace, { publicNetworkAccess: "Disabled" }, "publicNetworkAccess"],
    [types.registry, { publicNetworkAccess: "Disabled" }, "publicNetworkAccess"],
    [types.onlineEndpoint, { properties: { publicNetworkAccess: "Disabled" } }, "properties.publicNetworkAccess"],
    [types.cluster, cluster, "apiServerAccessProfile.enablePrivateCluster"],
    [types.extension, extension, "configurationSettings.internalLoadBalancerProvider"],
    [types.containerEnvironment, { vnetConfiguration: { internal: true } }, "vnetConfiguration.internal"],
  ] as [string, Values, string][])("no-public-endpoint holds for %s of production alone", (type, good, path) => {
    const open = but(good, path, undefined);
    expect(check("no-public-endpoint", { type, props: good, stack: "prod" })).toEqual([]);
    expect(check("no-public-endpoint", { type, props: open, stack: "prod-eu" })[0]).toContain(`${path} is not set`);
    expect(check("no-public-endpoint", { type, props: open, stack: "dev" })).toEqual([]);
    expect(check("no-public-endpoint", { type, props: open, stack: "dev" }, { stacks: ["*"] })).toHaveLength(1);
  });

  test("a database has no firewall rule, in no stack, and may have a subnet of its own", () => {
    const rule = { startIpAddress: "0.0.0.0", endIpAddress: "0.0.0.0" };
    expect(check("no-public-database", { type: types.databaseFirewallRule, props: rule })[0]).toContain(
      'startIpAddress is "0.0.0.0 to 0.0.0.0"',
    );
    const props = { network: { delegatedSubnetResourceId: "/subnet" } };
    expect(check("no-public-database", { type: types.databaseServer, props })).toEqual([]);
  });

  test("an endpoint in a cluster is reached by the cluster's router, which has the rule", () => {
    const props = { properties: { compute: "/subscriptions/x/computes/cluster-aks-gpu" } };
    expect(check("no-public-endpoint", { type: types.onlineEndpoint, props, stack: "prod" })).toEqual([]);
  });

  test("protected-state wants the option protect of what keeps something in production", () => {
    const vault = { type: types.vault, stack: "prod" };
    expect(check("protected-state", vault)).toEqual([
      "protect is false; allowed is true. Set protection.protect to true in the stack's configuration; a resource elsewhere gets the option protect.",
    ]);
    expect(check("protected-state", { ...vault, isProtected: true })).toEqual([]);
    expect(check("protected-state", { ...vault, stack: "staging" })).toEqual([]);
    expect(check("protected-state", { ...vault, type: types.cluster })).toEqual([]);
  });

  test("stack-secrets tells a production stack whose secrets a passphrase keeps", () => {
    const stack = { type: types.stack, stack: "local" };
    expect(check("stack-secrets", stack)).toEqual([]);
    expect(check("stack-secrets", stack, { stacks: ["local"] })[0]).toMatch(
      /secretsprovider is "passphrase"; .* change-secrets-provider --stack local/,
    );
  });

  test("values of the policy's configuration take the place of the defaults", () => {
    const of = (rule: string, type: string, props: Values, settings: object) => check(rule, { type, props }, settings);
    expect(of("gpu-limits", types.compute, training, { maxNodes: 3 })).toHaveLength(1);
    expect(of("gpu-limits", types.compute, training, { sizes: [] })[0]).toContain("allowed is no size with GPUs");
    expect(of("finite-training", types.trainingJob, job, { maxMinutes: 60 })).toHaveLength(1);
    expect(of("training-cost", types.trainingJob, job, { maxUsd: 10 })[0]).toContain("worst case in USD is 14.69");
    expect(of("training-cost", types.trainingJob, job, { perHour: { STANDARD_NC24ADS_A100_V4: 200 } })).toHaveLength(1);
    expect(of("required-tags", types.storageAccount, storage, { tags: ["owner"] })[0]).toContain("tags.owner");
    expect(
      of("minimum-tls", types.extension, but(extension, "configurationSettings.allowInsecureConnections", "True"), {
        stacks: [],
      }),
    ).toEqual([]);
  });

  test("each rule has a name, a description and a level of its own", () => {
    expect(named.size).toBe(rules.length);
    for (const { name, description, level } of rules) {
      expect(name).toMatch(/^[a-z]+(-[a-z]+)+$/);
      expect(description).toMatch(/^[A-Z].*\.$/);
      expect(["mandatory", "advisory"]).toContain(level);
    }
  });
});
