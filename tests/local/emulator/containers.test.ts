import { deterministicGuid } from "../../../lib/naming";
import { roles, TestCloud, versions, type ArmBody } from "./testCloud";

const apps = "2025-02-02-preview";
const databases = "2025-08-01";
const location = "eastus2";

describe("container apps and their database", () => {
  let cloud: TestCloud;
  let group: string;
  let subnet: string;
  let identity: string;
  let secretUri: string;
  const provider = (path: string) => `${group}/providers/${path}`;
  const put = async (id: string, version: string, body: object) => {
    const { status, body: answer } = await cloud.arm("PUT", id, version, body);
    return { status, code: answer.error?.code, message: answer.error?.message, target: answer.error?.target };
  };

  beforeAll(async () => {
    cloud = await TestCloud.start();
    group = await cloud.group("rg");
    const network = provider("Microsoft.Network/virtualNetworks/vnet");
    const delegations = (serviceName: string) => [{ name: "one", properties: { serviceName } }];
    await cloud.put(network, "2024-05-01", {
      location,
      properties: {
        addressSpace: { addressPrefixes: ["10.60.0.0/24"] },
        subnets: [
          {
            name: "apps",
            properties: { addressPrefix: "10.60.0.0/27", delegations: delegations("Microsoft.App/environments") },
          },
          {
            name: "small",
            properties: { addressPrefix: "10.60.0.32/28", delegations: delegations("Microsoft.App/environments") },
          },
          { name: "plain", properties: { addressPrefix: "10.60.0.64/27" } },
        ],
      },
    });
    subnet = `${network}/subnets`;
    identity = provider("Microsoft.ManagedIdentity/userAssignedIdentities/reader");
    const { properties } = await cloud.put(identity, "2023-01-31", { location });
    const vault = provider("Microsoft.KeyVault/vaults/kv-containers");
    await cloud.put(vault, versions.vaults, {
      location,
      properties: { tenantId: cloud.record.tenantId, sku: { family: "A", name: "standard" } },
    });
    for (const name of ["readable", "other"]) {
      const secret = `${vault}/secrets/${name}`;
      const { properties: of } = await cloud.put(secret, versions.vaults, { properties: { value: "hush" } });
      if (name === "readable") {
        secretUri = String(of?.secretUri);
        await cloud.grant(secret, String(properties?.principalId), roles.secretsUser);
      }
    }
    await cloud.put(provider("Microsoft.App/managedEnvironments/apps"), apps, environment("apps"));
  }, 60_000);
  afterAll(() => cloud.remove());

  const environment = (name: string, more: object = {}) => ({
    location,
    properties: {
      appLogsConfiguration: { destination: "azure-monitor" },
      vnetConfiguration: { infrastructureSubnetId: `${subnet}/${name}`, internal: true },
      workloadProfiles: [{ name: "Consumption", workloadProfileType: "Consumption" }],
      ...more,
    },
  });

  interface App {
    secrets?: object[];
    env?: object[];
    scale?: object;
    resources?: object;
    ingress?: object;
    template?: object;
  }
  const app = ({ secrets, env, scale, resources, ingress, template }: App = {}) => ({
    location,
    identity: { type: "UserAssigned", userAssignedIdentities: { [identity]: {} } },
    properties: {
      environmentId: provider("Microsoft.App/managedEnvironments/apps"),
      configuration: {
        ingress: { external: true, targetPort: 8080, ...ingress },
        secrets: secrets ?? [{ name: "key", value: "hush" }],
      },
      template: {
        containers: [
          {
            name: "server",
            image: "nginx",
            resources: { cpu: 1, memory: "2Gi", ...resources },
            env: env ?? [{ name: "KEY", secretRef: "key" }],
          },
        ],
        scale: { minReplicas: 1, maxReplicas: 1, ...scale },
        ...template,
      },
    },
  });
  const web = () => provider("Microsoft.App/containerApps/web");

  test("an app is a record that says so, and answers no secret", async () => {
    const answer: ArmBody = await cloud.put(web(), apps, app());
    const { defaultDomain, staticIp } = (
      await cloud.arm("GET", provider("Microsoft.App/managedEnvironments/apps"), apps)
    ).body.properties as Record<string, string>;
    expect(defaultDomain).toMatch(/\.azurecontainerapps\.invalid$/);
    expect(staticIp).toBe("10.60.0.4");
    expect(answer.properties).toMatchObject({
      runningStatus: "Stopped",
      deploymentErrors: expect.stringContaining("runs no containers") as string,
      configuration: { ingress: { fqdn: `web.${defaultDomain}` }, secrets: [{ name: "key" }] },
    });
    expect(JSON.stringify(answer)).not.toContain("hush");
    // A change of one thing leaves the secrets that nobody has sent again.
    const { status } = await cloud.arm("PATCH", web(), apps, { tags: { a: "b" } });
    expect(status).toBeLessThan(300);
  });

  test.each<[string, App, string, RegExp]>([
    [
      "a variable of a secret that is not there",
      { env: [{ name: "A", secretRef: "gone" }] },
      "ContainerAppSecretRefNotFound",
      /SecretRef 'gone' defined for container 'server'/,
    ],
    [
      "a file of one",
      { template: { volumes: [{ name: "v", storageType: "Secret", secrets: [{ secretRef: "gone", path: "f" }] }] } },
      "ContainerAppSecretRefNotFound",
      /volume 'v'/,
    ],
    [
      "a secret without a value",
      { secrets: [{ name: "new" }], env: [] },
      "ContainerAppSecretInvalid",
      /neither a value nor a keyVaultUrl/,
    ],
    [
      "a secret's name in capitals",
      { secrets: [{ name: "Key", value: "x" }], env: [] },
      "ContainerAppSecretInvalid",
      /lower-case/,
    ],
    [
      "more replicas at least than at most",
      { scale: { minReplicas: 3, maxReplicas: 2 } },
      "ContainerAppInvalidScaleSpec",
      /minReplicas 3 and maxReplicas 2/,
    ],
    [
      "memory that does not go with the cores",
      { resources: { memory: "3Gi" } },
      "ContainerAppInvalidResourceTotal",
      /CPU: 1, memory: 3Gi/,
    ],
    ["no port", { ingress: { targetPort: 0 } }, "ContainerAppInvalidIngressPort", /targetPort '0'/],
  ])("an app with %s is refused", async (_what, change, code, says) => {
    const refused = await put(provider("Microsoft.App/containerApps/other"), apps, app(change));
    expect(refused).toMatchObject({ status: 400, code });
    expect(refused.message).toMatch(says);
  });

  test("an app gets a vault's secret by an identity of its own that may read it, and by no other", async () => {
    const of = (secret: object) => app({ secrets: [{ name: "key", ...secret }] });
    const id = provider("Microsoft.App/containerApps/vaulted");
    const stranger = identity.replace(/reader$/, "stranger");
    for (const [secret, says] of [
      [{ keyVaultUrl: secretUri }, /needs the identity/],
      [{ keyVaultUrl: secretUri, identity: stranger }, /no identity of the container app/],
      [{ keyVaultUrl: secretUri.replace("readable", "other"), identity }, /may not read it/],
      [{ keyVaultUrl: secretUri.replace("readable", "gone"), identity }, /not there/],
    ] as const) {
      const refused = await put(id, apps, of(secret));
      expect([refused.code, refused.message]).toEqual(["ContainerAppSecretInvalid", expect.stringMatching(says)]);
    }
    const { properties } = await cloud.put(id, apps, of({ keyVaultUrl: secretUri, identity }));
    expect(properties?.configuration).toMatchObject({ secrets: [{ name: "key", keyVaultUrl: secretUri, identity }] });
  });

  test("a sign-in is called current and names a secret of its app", async () => {
    const signIn = (clientSecretSettingName: string) => ({
      properties: {
        identityProviders: { azureActiveDirectory: { registration: { clientId: "c", clientSecretSettingName } } },
      },
    });
    await cloud.put(web(), apps, app());
    expect((await put(`${web()}/authConfigs/mine`, apps, signIn("key"))).code).toBe("AuthConfigInvalidName");
    expect((await put(`${web()}/authConfigs/current`, apps, signIn("gone"))).message).toMatch(/'gone' is none .*'key'/);
    expect((await put(`${web()}/authConfigs/current`, apps, signIn("key"))).status).toBeLessThan(300);
  });

  test.each<[string, string, object, RegExp]>([
    ["not delegated", "plain", {}, /not delegated to 'Microsoft\.App\/environments'/],
    ["too small", "small", {}, /needs \/27/],
    ["another environment's", "apps", {}, /is used by .*managedEnvironments\/apps/],
    ["not there", "gone", {}, /was not found/],
    [
      "whatever, with logs that need a key and have none",
      "apps",
      { appLogsConfiguration: { destination: "log-analytics" } },
      /'azure-monitor' needs none/,
    ],
  ])("an environment in a subnet that is %s is refused", async (_what, name, more, says) => {
    const { status, message } = await put(
      provider("Microsoft.App/managedEnvironments/next"),
      apps,
      environment(name, more),
    );
    expect([status, message]).toEqual([400, expect.stringMatching(says)]);
  });

  const server = (properties: object = {}, sku: object = { name: "Standard_B1ms", tier: "Burstable" }) => ({
    location,
    sku,
    properties: {
      version: "16",
      administratorLogin: "labels",
      administratorLoginPassword: "hush-Hush-1",
      storage: { storageSizeGB: 64 },
      ...properties,
    },
  });
  test.each<[string, object, string, RegExp]>([
    [
      "a size of another tier",
      server({}, { name: "Standard_D2ds_v5", tier: "Burstable" }),
      "sku.tier",
      /GeneralPurpose/,
    ],
    [
      "an odd size of storage",
      server({ storage: { storageSizeGB: 100 } }),
      "properties.storage.storageSizeGB",
      /100 is none of 32/,
    ],
    [
      "backups of a year",
      server({ backup: { backupRetentionDays: 365 } }),
      "properties.backup.backupRetentionDays",
      /between 7 and 35/,
    ],
    [
      "a standby of a burstable size",
      server({ highAvailability: { mode: "SameZone" } }),
      "properties.highAvailability.mode",
      /Burstable/,
    ],
    [
      "a weak password",
      server({ administratorLoginPassword: "labels-1" }),
      "properties.administratorLoginPassword",
      /complex/,
    ],
    [
      "a reserved login",
      server({ administratorLogin: "azure_superuser" }),
      "properties.administratorLogin",
      /cannot be used/,
    ],
  ])("a server with %s is refused", async (_what, body, target, says) => {
    const refused = await put(provider("Microsoft.DBforPostgreSQL/flexibleServers/pg-bad"), databases, body);
    expect(refused).toMatchObject({ status: 400, target });
    expect(refused.message).toMatch(says);
  });

  test("a server in a subnet needs it delegated, and a zone of names", async () => {
    const id = provider("Microsoft.DBforPostgreSQL/flexibleServers/pg-net");
    const within = (name: string) => server({ network: { delegatedSubnetResourceId: `${subnet}/${name}` } });
    expect((await put(id, databases, within("plain"))).code).toBe("InvalidSubnetDelegation");
  });

  test("a server's storage does not shrink, its backups stay where they are, and nobody else has its name", async () => {
    const id = provider("Microsoft.DBforPostgreSQL/flexibleServers/pg-one");
    await cloud.put(id, databases, server());
    expect((await put(id, databases, server({ storage: { storageSizeGB: 32 } }))).message).toMatch(/scaled down/);
    expect((await put(id, databases, server({ backup: { geoRedundantBackup: "Enabled" } }))).message).toMatch(
      /cannot be changed/,
    );
    const other = `${await cloud.group(`rg-${deterministicGuid("x").slice(0, 4)}`)}/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg-one`;
    expect(await put(other, databases, server())).toMatchObject({ status: 409, code: "ServerNameAlreadyExists" });
  });
});
