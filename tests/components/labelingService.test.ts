import * as pulumi from "@pulumi/pulumi";
import type { ImageStorage } from "../../components/imageStorage";
import { LabelingService, type LabelingServiceArgs } from "../../components/labelingService";
import { PrivateNetwork } from "../../components/privateNetwork";
import { hostSchema } from "../../lib/labeling/hostConfig";
import type { ServiceAccess } from "../../lib/labeling/connection";
import { hosted } from "../lib/labeling/hosted";

interface Made {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

const made: Made[] = [];
const generated: Record<string, string> = { password: "pass-1", token: "token-1", imageKey: "id:key-1" };

beforeAll(() =>
  pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs, id }) => {
      made.push({ type, name, inputs: inputs as Record<string, unknown> });
      const { form, secretName } = inputs as { form?: string; secretName?: string };
      const state: Record<string, unknown> = {
        ...(inputs as object),
        name,
        ...(form && { value: generated[form] }),
        ...(secretName && { properties: { secretUri: `https://kv.test/secrets/${secretName}` } }),
        ...(type.endsWith(":Vault") && { properties: { vaultUri: "https://kv-apps.test" } }),
        defaultDomain: "green.eastus2.azurecontainerapps.io",
        staticIp: "10.60.0.4",
        fullyQualifiedDomainName: "psql.postgres.database.azure.com",
        principalId: `${name}-principal`,
        clientId: `${name}-client`,
      };
      return { id: id || `/subscriptions/s/resourceGroups/rg/${name}`, state };
    },
    call: () => ({}),
  }),
);
const settings = hostSchema.parse(hosted);
const place = { resourceGroupName: "rg", location: "eastus2" };
const storage = {
  id: pulumi.output("/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/stimages"),
  accountName: pulumi.output("stimages"),
  blobEndpoint: pulumi.output("https://stimages.blob.core.windows.net/"),
} as unknown as ImageStorage;
const args: LabelingServiceArgs = {
  ...place,
  ...settings,
  names: {
    workspace: "mlw",
    labelingNetwork: "vnet-labels",
    containerEnvironment: "cae-labels",
    labelStudio: "ca-labels",
    labelStudioIdentity: "id-labels",
    imageGateway: "ca-images",
    imageGatewayIdentity: "id-images",
    labelingDatabase: "psql-labels",
  },
  tenantId: "tenant",
  ownNetwork: { addressSpace: "10.40.0.0/24" },
  storage,
  container: "cocotrain2017",
  vaultId: "/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv",
  logAnalyticsId: "/logs",
  protect: true,
};

interface Declared {
  url: string;
  access: ServiceAccess;
  accessIsSecret: boolean;
}

/** Declares one, and nothing before it counts. */
async function declare(change: Partial<LabelingServiceArgs> = {}): Promise<Declared> {
  made.splice(0);
  const service = new LabelingService("labels", { ...args, ...change });
  const { url, access } = service;
  const accessIsSecret = await pulumi.isSecret(access);
  const known = await new Promise<[string, ServiceAccess]>((resolve) =>
    pulumi.unsecret(pulumi.all([url, access])).apply((both) => resolve(both as [string, ServiceAccess])),
  );
  return { url: known[0], access: known[1], accessIsSecret };
}

const inputsOf = (type: string) => made.filter((one) => one.type.endsWith(`:${type}`)).map(({ inputs }) => inputs);
const only = <T>(type: string): T => {
  const found = inputsOf(type);
  expect(found).toHaveLength(1);
  return found[0] as T;
};
const app = (name: string) => {
  const found = inputsOf("ContainerApp").find(({ containerAppName }) => containerAppName === name);
  return found as {
    identity: object;
    configuration: {
      secrets: { name: string; keyVaultUrl?: string; value?: string; identity?: string }[];
      ingress: object;
    };
    template: {
      containers: {
        image: string;
        command?: string[];
        env: object[];
        probes: { type: string; httpGet: object }[];
        resources: object;
      }[];
      scale: object;
      volumes?: object[];
    };
  };
};
const variables = (name: string) =>
  Object.fromEntries(
    (app(name).template.containers[0]?.env as { name: string; value?: string; secretRef?: string }[]).map(
      ({ name: variable, value, secretRef }) => [variable, value ?? { secret: secretRef }],
    ),
  );

describe("Label Studio on Azure", () => {
  let declared: Declared;
  beforeAll(async () => {
    declared = await declare();
  }, 60_000);

  test("is one replica of the pinned image, asked for its health, over HTTPS alone", async () => {
    const { url } = declared;
    expect(url).toBe("https://ca-labels.green.eastus2.azurecontainerapps.io");
    const { configuration, template } = app("ca-labels");
    expect(configuration.ingress).toEqual({
      external: true,
      targetPort: 8080,
      transport: "auto",
      allowInsecure: false,
    });
    expect(template.scale).toEqual({ minReplicas: 1, maxReplicas: 1 });
    expect(template.containers).toMatchObject([{ image: settings.image, resources: { cpu: 1, memory: "2Gi" } }]);
    expect(template.containers[0]?.probes.map(({ type, httpGet }) => [type, httpGet])).toEqual(
      ["Startup", "Readiness", "Liveness"].map((type) => [type, { path: "/health", port: 8080, scheme: "HTTP" }]),
    );
    expect(variables("ca-labels")).toMatchObject({
      DJANGO_DB: "default",
      POSTGRE_HOST: "psql.postgres.database.azure.com",
      POSTGRE_PASSWORD: { secret: "database-password" },
      PGSSLMODE: "require",
      LABEL_STUDIO_HOST: url,
      CSRF_TRUSTED_ORIGINS: url,
      SESSION_COOKIE_SECURE: "1",
      LABEL_STUDIO_USER_TOKEN: { secret: "api-token" },
      LABEL_STUDIO_PASSWORD: { secret: "administrator-password" },
      SECRET_KEY: { secret: "session-key" },
      LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK: "true",
      LABEL_STUDIO_COLLECT_ANALYTICS: "false",
    });
  });

  test("has no secret in clear: the vault gives each to the identity that has a role on it, and on no other", async () => {
    for (const [name, identity, secrets] of [
      [
        "ca-labels",
        "labels-studio-identity",
        ["database-password", "administrator-password", "api-token", "session-key", "client-secret"],
      ],
      ["ca-images", "labels-gateway-identity", ["image-keys"]],
    ] as const) {
      const fromVault = app(name).configuration.secrets.filter(({ keyVaultUrl }) => keyVaultUrl);
      expect(fromVault.map(({ name: secret }) => secret)).toEqual(secrets);
      expect(new Set(fromVault.map((one) => one.identity))).toEqual(
        new Set([`/subscriptions/s/resourceGroups/rg/${identity}`]),
      );
    }
    expect(app("ca-labels").configuration.secrets.find(({ name }) => name === "client-secret")?.keyVaultUrl).toBe(
      "https://kv-apps.test/secrets/labels",
    );
    expect(JSON.stringify(inputsOf("ContainerApp"))).not.toMatch(/pass-1|token-1|key-1/);
    const roles = inputsOf("RoleAssignment").map(({ scope, principalId, roleDefinitionId }) => [
      String(scope).split("/").at(-1),
      String(principalId),
      String(roleDefinitionId).split("/").at(-1),
    ]);
    const secretsUser = "4633458b-17de-408a-b874-0445c86b69e6";
    expect(roles.filter(([, principal]) => principal?.includes("gateway")).sort()).toEqual([
      ["cocotrain2017", "labels-gateway-identity-principal", "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"],
      ["labels-image-keys-secret", "labels-gateway-identity-principal", secretsUser],
    ]);
    const ofStudio = roles.filter(([, principal]) => principal?.includes("studio"));
    expect(ofStudio).toHaveLength(5);
    expect(new Set(ofStudio.map(([, , role]) => role))).toEqual(new Set([secretsUser]));
  });

  test("keeps its database off the public network, backed up, and lets TLS in alone", async () => {
    expect(only("Server")).toMatchObject({
      serverName: "psql-labels",
      sku: { name: "Standard_B1ms", tier: "Burstable" },
      network: { publicNetworkAccess: "Disabled" },
      backup: { backupRetentionDays: 7, geoRedundantBackup: "Disabled" },
      highAvailability: { mode: "Disabled" },
      storage: { storageSizeGB: 32, autoGrow: "Enabled" },
    });
    expect(
      Object.fromEntries(inputsOf("Configuration").map((one) => [one.configurationName, one.value])),
    ).toMatchObject({
      require_secure_transport: "on",
      ssl_min_protocol_version: "TLSv1.2",
      "azure.extensions": "PG_TRGM,BTREE_GIN",
    });
    expect(only("PrivateEndpoint")).toMatchObject({
      privateLinkServiceConnections: [{ groupIds: ["postgresqlServer"] }],
    });
    expect(only("PrivateZone")).toMatchObject({ privateZoneName: "privatelink.postgres.database.azure.com" });
  });

  test("lets nobody through who has not signed in to Entra ID, the API's callers neither", async () => {
    const signIn = only<{ globalValidation: object; identityProviders: object }>("ContainerAppsAuthConfig");
    expect(signIn).toMatchObject({
      containerAppName: "labels-studio",
      authConfigName: "current",
      platform: { enabled: true },
      httpSettings: { requireHttps: true },
      identityProviders: {
        azureActiveDirectory: {
          registration: {
            clientId: settings.entra.clientId,
            clientSecretSettingName: "client-secret",
            openIdIssuer: "https://login.microsoftonline.com/tenant/v2.0",
          },
          validation: { allowedAudiences: [settings.entra.clientId, `api://${settings.entra.clientId}`] },
        },
      },
    });
    expect(signIn.globalValidation).toEqual({
      unauthenticatedClientAction: "RedirectToLoginPage",
      redirectToProvider: "azureactivedirectory",
    });
  });

  test("gives the gateway one container of images, and its code as one file", async () => {
    const { template, configuration } = app("ca-images");
    expect(template.containers).toMatchObject([
      {
        image: settings.gatewayImage,
        command: ["node", "/gateway/gateway.cjs"],
        resources: { cpu: 0.5, memory: "1Gi" },
      },
    ]);
    expect(template.volumes).toEqual([
      { name: "files", storageType: "Secret", secrets: [{ secretRef: "file-gateway.cjs", path: "gateway.cjs" }] },
    ]);
    const code = configuration.secrets.find(({ name }) => name === "file-gateway.cjs")?.value ?? "";
    expect(code).not.toMatch(/require\("(?!node:)/);
    expect(code.length).toBeLessThan(64_000);
    expect(variables("ca-images")).toMatchObject({
      AZURE_CLIENT_ID: "labels-gateway-identity-client",
      LABELING_IMAGES_KEYS: { secret: "image-keys" },
      LABELING_IMAGES_CONTAINERS: "stimages/cocotrain2017",
      LABELING_IMAGES_BLOB_ENDPOINT: "https://{account}.blob.core.windows.net/",
      LABELING_IMAGES_ORIGINS: "https://ca-labels.green.eastus2.azurecontainerapps.io",
    });
  });

  test("hands on what lets one in as a secret", async () => {
    const { access, accessIsSecret } = declared;
    expect(accessIsSecret).toBe(true);
    expect(access).toEqual({ token: "token-1", imageKeys: "id:key-1", clientId: settings.entra.clientId });
  });

  test("without a network of the stack has one for its containers and its database, and is public behind its sign-in", async () => {
    expect(only("VirtualNetwork")).toMatchObject({
      virtualNetworkName: "vnet-labels",
      addressSpace: { addressPrefixes: ["10.40.0.0/24", "10.60.0.0/26"] },
      subnets: [
        { name: "endpoints" },
        { name: "apps", addressPrefix: "10.60.0.0/26", delegations: [{ serviceName: "Microsoft.App/environments" }] },
      ],
    });
    expect(only("ManagedEnvironment")).toMatchObject({
      appLogsConfiguration: { destination: "azure-monitor" },
      vnetConfiguration: { internal: false },
    });
    expect(inputsOf("PrivateRecordSet")).toEqual([]);
  });

  test("takes a standby, other backups and a larger size as configured", async () => {
    const database = {
      size: "Standard_D2ds_v5",
      storageGb: 128,
      backupDays: 35,
      geoBackup: true,
      highAvailability: "zoneRedundant",
    } as const;
    await declare({ database });
    expect(only("Server")).toMatchObject({
      sku: { name: "Standard_D2ds_v5", tier: "GeneralPurpose" },
      backup: { backupRetentionDays: 35, geoRedundantBackup: "Enabled" },
      highAvailability: { mode: "ZoneRedundant" },
    });
  });

  test("in the stack's network is reached there alone, by names that are known there", async () => {
    const network = new PrivateNetwork("network", {
      ...place,
      endpointsName: "mlw",
      networkName: "vnet",
      addressSpace: "10.41.0.0/24",
      apps: settings,
    });
    await declare({ network });
    expect(only("VirtualNetwork")).toMatchObject({ virtualNetworkName: "vnet" });
    expect(only("ManagedEnvironment")).toMatchObject({ vnetConfiguration: { internal: true } });
    expect(only("PrivateRecordSet")).toMatchObject({
      recordType: "A",
      relativeRecordSetName: "*",
      aRecords: [{ ipv4Address: "10.60.0.4" }],
    });
    expect(inputsOf("PrivateZone").map(({ privateZoneName }) => privateZoneName)).toContain(
      "green.eastus2.azurecontainerapps.io",
    );
  });
});
