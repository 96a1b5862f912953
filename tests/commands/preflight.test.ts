import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { resourceNames, stableSuffix } from "../../lib/naming";
import { isPermitted } from "../../lib/preflight/checks/permissions";
import type { CheckedFinding } from "../../lib/preflight/finding";
import { service, subscriptionId } from "../../local/emulator/constants";
import { Identity } from "../../local/emulator/identity";
import { cloudEnvironment } from "../../local/environment";
import { identityCommand } from "../../local/identities";
import { hosted } from "../lib/labeling/hosted";
import { TestCloud, versions } from "../local/emulator/testCloud";
import { runTool, type Ended } from "./command";

const root = join(__dirname, "..", "..");
const project = "azure-ml-object-detection";
const names = resourceNames("objdet", "dev", stableSuffix(subscriptionId, project, "dev", "objdet"));
/** Tokens are good for an hour of it. */
const realClock = { now: Date.now, realTimeOf: (localMs: number) => localMs };
const sharedKeyPolicy = "/providers/Microsoft.Authorization/policyDefinitions/8c6a50c6-9ffd-4ae7-986f-5fa6111f9a54";

/** The command against a local cloud, with problems that are planted by Azure's own requests. */
describe("npm run preflight", () => {
  let cloud: TestCloud;
  let group: string;
  beforeAll(async () => {
    cloud = await TestCloud.start();
    group = `${cloud.subscription}/resourceGroups/${names.resourceGroup}`;
  });
  afterAll(() => cloud.remove());

  function run(args: readonly string[], identity: NodeJS.ProcessEnv = {}): Promise<Ended> {
    const { PATH, HOME } = process.env;
    return runTool("preflight", args, { env: { PATH, HOME, ...cloudEnvironment(cloud.record, {}), ...identity } });
  }

  /** The dev stack's settings with other values. */
  async function settings(changes: Record<string, unknown>): Promise<string> {
    const { config } = parse(await readFile(join(root, "Pulumi.dev.yaml"), "utf8")) as { config: object };
    const changed = Object.entries(changes).map(([key, value]) => [`${project}:${key}`, value] as const);
    const file = join(cloud.stateFolder, "Pulumi.changed.yaml");
    await writeFile(file, stringify({ config: { ...config, ...Object.fromEntries(changed) } }));
    return file;
  }

  async function findings(changes: Record<string, unknown> = {}, identity: NodeJS.ProcessEnv = {}) {
    const file = await settings(changes);
    const { status, stdout, stderr } = await run(["--stack", "dev", "--json", "--config-file", file], identity);
    expect(stderr).toBe("");
    const { findings: found } = JSON.parse(stdout) as { findings: CheckedFinding[] };
    return { status, found, worst: found.filter(({ severity }) => severity !== "note") };
  }

  test("finds no error where there is none, and tells of the sizes that are replaced", async () => {
    const { status, stdout } = await run(["--stack", "dev"]);
    expect(stdout).toMatch(/^Preflight of dev: 2 notes \(subscription [0-9a-f-]{36}, eastus2\)\n/);
    expect(stdout).toMatch(
      /note +compute\.vmSize is "STANDARD_NC6s_V3", which Azure retired on 2025-09-30 \[sizes\]\n +evidence: .*\n +next: /,
    );
    expect(status).toBe(0);
  });

  test("finds what stands in the configuration, in the subscription and in other groups", async () => {
    const namespace = "Microsoft.KubernetesConfiguration";
    const account = await cloud.account(names.storageAccount, await cloud.group("other"));
    await cloud.arm("POST", `${cloud.subscription}/providers/${namespace}/unregister`, versions.groups);
    const { status, worst } = await findings({ onRetiredSize: "keep", labeling: { service: "azureml" } });
    // A warning alone is no failure, and a managed endpoint needs nothing of that provider.
    const managed = { serving: { kind: "managed" }, labeling: { service: "azureml" } };
    await cloud.arm("DELETE", account, versions.storage);
    const warned = await findings(managed);
    await cloud.arm("POST", `${cloud.subscription}/providers/${namespace}/register`, versions.groups);

    expect(worst).toMatchObject([
      {
        severity: "error",
        check: "providers",
        what: `The resource provider ${namespace} is not registered`,
        evidence: 'registrationState is "Unregistered"',
        next: `az provider register --namespace ${namespace} --subscription ${subscriptionId}`,
      },
      {
        severity: "error",
        check: "sizes",
        what: 'compute.vmSize is "STANDARD_NC6s_V3", which Azure retired on 2025-09-30',
        next: 'Set compute.vmSize to "Standard_NC24ads_A100_v4", or onRetiredSize (now "keep") to "replace".',
      },
      {
        severity: "error",
        check: "sizes",
        what: expect.stringContaining('serving.vmSize is "STANDARD_NC6"') as string,
      },
      {
        severity: "error",
        check: "names",
        what: `The name "${names.storageAccount}" is not available for Microsoft.Storage/storageAccounts`,
        evidence: expect.stringMatching(/^checkNameAvailability: AlreadyExists: /) as string,
        next: expect.stringContaining('another "name" (now "objdet")') as string,
      },
      {
        severity: "warning",
        check: "labeling",
        what: 'labeling.service is "azureml", a service that Azure retired on 2026-09-30',
      },
    ]);
    expect(status).toBe(1);
    expect(warned.worst).toMatchObject([{ severity: "warning", check: "labeling" }]);
    expect(warned.status).toBe(0);
  });

  test("finds that somebody else has the name of the labeling project's database, which a reader may not ask", async () => {
    const labeling = { service: "labelStudio", host: "azure", azure: hosted };
    const other = await cloud.group("other");
    const server = (at: string) =>
      `${at}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${names.labelingDatabase}`;
    const body = {
      location: "eastus2",
      sku: { name: "Standard_B1ms", tier: "Burstable" },
      properties: {
        version: "16",
        administratorLogin: "login",
        administratorLoginPassword: "hush-Hush-1",
        storage: { storageSizeGB: 32 },
      },
    };
    await cloud.put(server(other), "2025-08-01", body);
    const { worst } = await findings({ labeling });
    await cloud.arm("DELETE", server(other), "2025-08-01");
    expect(worst).toEqual([
      {
        severity: "error",
        check: "database",
        what: `The name "${names.labelingDatabase}" is not available for Microsoft.DBforPostgreSQL/flexibleServers`,
        evidence: `checkNameAvailability: AlreadyExists: The server name '${names.labelingDatabase}' is already used by another server.`,
        next: 'Choose another "name" (now "objdet") in the configuration.',
      },
    ]);
    expect((await findings({ labeling })).worst).toEqual([]);
  });

  test("compares quota with what the stack needs, and with what it may grow to", async () => {
    const quotas: [provider: string, name: string, few: number, enough: number][] = [
      ["Microsoft.MachineLearningServices", "Standard NCADSA100v4 Family Cluster Dedicated vCPUs", 24, 200],
      ["Microsoft.Compute", "Standard NCASv3_T4 Family", 15, 200],
      ["Microsoft.Compute", "cores", 50, 500],
    ];
    const set = (provider: string, name: string, value: number) =>
      cloud.arm(
        "PUT",
        `${cloud.subscription}/providers/${provider}/locations/eastus2/providers/Microsoft.Quota/quotas/${encodeURIComponent(name)}`,
        "2023-02-01",
        { properties: { limit: { value } } },
      );
    for (const [provider, name, few] of quotas) await set(provider, name, few);
    const { worst } = await findings();
    for (const [provider, name, , enough] of quotas) await set(provider, name, enough);
    expect(worst).toMatchObject([
      {
        severity: "error",
        check: "quota",
        what: "serving.vmSize: not one node of Standard_NC16as_T4_v3 fits the quota",
        evidence:
          'Compute, "Standard NCASv3_T4 Family" in eastus2: limit 15, used 0; Standard_NC16as_T4_v3 has 16 vCPUs',
      },
      {
        severity: "warning",
        what: "compute.maxNodes is 2, and of Standard_NC24ads_A100_v4 only 1 fits the quota; a job runs 2 trials at a time, which wait in turn then",
        next: "Ask for more on the portal's page Quotas (48 vCPUs), or set compute.maxNodes to 1.",
      },
      { severity: "warning", what: "The stack may grow to 60 vCPUs of Compute in eastus2" },
    ]);
  });

  test("finds what the identity may not do, and sizes that the region lacks", async () => {
    const changes = { onDestroy: "purge", location: "westus3" };
    const { worst } = await findings(changes, await pipeline("reader", "Reader"));
    const of = (check: string) => worst.filter((finding) => finding.check === check).map(({ what }) => what);
    const missing = of("permissions").join("\n");
    expect(missing).toMatch(/Microsoft\.Storage\/storageAccounts\/write/);
    expect(missing).toMatch(/onlineEndpoints\/listKeys\/action/);
    expect(missing).toMatch(/deletedVaults\/purge\/action/);
    expect(missing).toMatch(/"up" does: Microsoft\.Authorization\/roleAssignments\/write$/m);
    expect(of("sizes")).toEqual([
      'compute.vmSize: "Standard_NC24ads_A100_v4" is not offered in westus3',
      'serving.vmSize: "Standard_NC16as_T4_v3" is not offered in westus3',
      'serving.systemNodes.vmSize: "Standard_D4s_v5" is not offered in westus3',
    ]);
    // Reading is enough for all that is asked.
    expect(worst.filter(({ check }) => check !== "permissions" && check !== "sizes")).toEqual([]);
  });

  test("says what an identity without rights could not check, and goes on", async () => {
    const { worst } = await findings({ onRetiredSize: "keep" }, await pipeline("stranger"));
    const unchecked = worst.filter(({ what }) => what === "This could not be checked");
    expect(unchecked.map(({ check }) => check)).toEqual(expect.arrayContaining(["sizes", "quota"]));
    expect(unchecked[0]?.evidence).toMatch(/403 AuthorizationFailed/);
    expect(unchecked[0]?.next).toContain("Reader on the subscription");
  });

  /** What signs a client in as an application with a role on the subscription. */
  async function pipeline(name: string, role?: string): Promise<NodeJS.ProcessEnv> {
    const rights = role === undefined ? [] : ["--role", role];
    const folder = join(cloud.stateFolder, "cloud");
    const lines = await identityCommand(cloud.record, folder, ["create", name, ...rights]);
    const variables = [...lines.matchAll(/export (\w+)='([^']*)'/g)];
    return Object.fromEntries(variables.map(([, key = "", value]) => [key, value]));
  }

  test("finds key access that is switched off under a workspace that needs it, and names that deleted ones hold", async () => {
    await cloud.group(names.resourceGroup);
    const vault = `${group}/providers/Microsoft.KeyVault/vaults/${names.keyVault}`;
    const sku = { family: "A", name: "standard" };
    await cloud.put(vault, versions.vaults, {
      location: "eastus2",
      properties: { tenantId: cloud.record.tenantId, sku },
    });
    const storageAccount = await cloud.account(names.storageAccount, group);
    const workspace = `${group}/providers/Microsoft.MachineLearningServices/workspaces/${names.workspace}`;
    await cloud.put(workspace, versions.ml, {
      location: "eastus2",
      identity: { type: "SystemAssigned" },
      properties: { storageAccount, keyVault: vault, systemDatastoresAuthMode: "AccessKey" },
    });
    expect((await findings()).worst).toMatchObject([
      {
        severity: "error",
        check: "tenantPolicies",
        what: `Key access to storage is switched off, and the workspace ${names.workspace} reads its datastores with keys`,
        evidence: `storage account ${names.storageAccount}: allowSharedKeyAccess is false; systemDatastoresAuthMode is "AccessKey"`,
        next: expect.stringContaining("--system-datastores-auth-mode identity") as string,
      },
    ]);

    await cloud.arm(
      "PUT",
      `${cloud.subscription}/providers/Microsoft.Authorization/policyAssignments/no-keys`,
      "2024-04-01",
      {
        properties: { policyDefinitionId: sharedKeyPolicy, parameters: { effect: { value: "Deny" } } },
      },
    );
    await cloud.finish(await cloud.arm("DELETE", workspace, versions.ml));
    await cloud.finish(await cloud.arm("DELETE", vault, versions.vaults));
    const { found } = await findings();
    expect(found.slice(0, 3)).toMatchObject([
      {
        severity: "error",
        check: "softDeleted",
        what: `The Key Vault name "${names.keyVault}" is held by a deleted vault`,
        next: expect.stringContaining(`az keyvault purge --name ${names.keyVault} --location eastus2`) as string,
      },
      {
        severity: "warning",
        check: "softDeleted",
        what: expect.stringContaining(`The workspace name "${names.workspace}" may be held`) as string,
        evidence: expect.stringContaining("activity log: deleted 20") as string,
      },
      { severity: "note" },
    ]);
    expect(found).toContainEqual(
      expect.objectContaining({
        severity: "note",
        what: "Key access to storage is switched off by a policy",
        evidence: expect.stringMatching(/policy assignment "no-keys" \(.*\), effect Deny/) as string,
      }),
    );
  });

  test("finds what custom policies and initiatives take away, of the subscription and of the management group above", async () => {
    const root = `/providers/Microsoft.Management/managementGroups/${cloud.record.tenantId}`;
    const identity = await Identity.open(join(cloud.stateFolder, "cloud"), cloud.record.url, realClock);
    // Who deploys has no rights above the subscription.
    const token = identity.issue(`${cloud.record.url}/`, service).token;
    const versionOf = (id: string) => (id.includes("/policyExemptions/") ? "2022-07-01-preview" : "2025-01-01");
    const plant = async (scope: string, path: string, properties: object) => {
      const id = `${scope}/providers/Microsoft.Authorization/${path}`;
      const { status, body } = await cloud.request("PUT", `${id}?api-version=${versionOf(id)}`, {
        body: { properties },
        token,
      });
      expect({ status, error: body.error }).toEqual({ status: 201, error: undefined });
      return id;
    };
    const type = { field: "type", equals: "Microsoft.Storage/storageAccounts" };
    const keys = { field: "Microsoft.Storage/storageAccounts/allowSharedKeyAccess", notEquals: "false" };
    const noKeys = await plant(cloud.subscription, "policyDefinitions/keys-off", {
      policyType: "Custom",
      mode: "Indexed",
      parameters: { strength: { type: "String", defaultValue: "Audit" } },
      policyRule: { if: { allOf: [type, keys] }, then: { effect: "[parameters('Strength')]" } },
    });
    const network = { field: "Microsoft.Storage/storageAccounts/publicNetworkAccess", operation: "addOrReplace" };
    const closed = await plant(root, "policyDefinitions/closed", {
      policyType: "Custom",
      mode: "Indexed",
      policyRule: {
        if: type,
        then: { effect: "modify", details: { roleDefinitionIds: [], operations: [{ ...network, value: "Disabled" }] } },
      },
    });
    const open = await plant(root, "policyDefinitions/open", {
      policyType: "Custom",
      mode: "Indexed",
      policyRule: {
        if: type,
        then: { effect: "modify", details: { roleDefinitionIds: [], operations: [{ ...network, value: "Enabled" }] } },
      },
    });
    const baseline = await plant(root, "policySetDefinitions/baseline", {
      policyType: "Custom",
      parameters: { keys: { type: "String", defaultValue: "Deny" } },
      policyDefinitions: [
        {
          policyDefinitionId: noKeys,
          policyDefinitionReferenceId: "keys",
          parameters: { strength: { value: "[parameters('keys')]" } },
        },
        { policyDefinitionId: open, policyDefinitionReferenceId: "open" },
      ],
    });
    const policies = async () => (await findings()).found.filter(({ check }) => check === "tenantPolicies");
    const assign = (scope: string, name: string, policyDefinitionId: string, more: object = {}) =>
      plant(scope, `policyAssignments/${name}`, { policyDefinitionId, displayName: name, ...more });
    const withdraw = (id: string) => cloud.request("DELETE", `${id}?api-version=${versionOf(id)}`, { token });

    await withdraw(`${cloud.subscription}/providers/Microsoft.Authorization/policyAssignments/no-keys`);
    const harmless = await assign(cloud.subscription, "audited", noKeys);
    expect(await policies()).toEqual([]);
    const above = await assign(root, "secure", baseline);
    expect(await policies()).toMatchObject([
      {
        severity: "note",
        what: "Key access to storage is switched off by a policy",
        evidence: `policy assignment "secure" (${above}), effect Deny`,
      },
    ]);
    await withdraw(above);
    const eased = {
      overrides: [
        { kind: "policyEffect", value: "Disabled", selectors: [{ kind: "policyDefinitionReferenceId", in: ["keys"] }] },
      ],
    };
    const overridden = await assign(root, "eased", baseline, eased);
    const spared = await assign(root, "spared", closed, { notScopes: [group] });
    const unenforced = await assign(root, "unenforced", closed, { enforcementMode: "DoNotEnforce" });
    expect(await policies()).toEqual([]);
    for (const id of [overridden, spared, unenforced, harmless]) await withdraw(id);

    // What a deny refuses of the stack's own, and exemptions until they end.
    const exempt = (name: string, policyAssignmentId: string, expiresOn: string) =>
      plant(group, `policyExemptions/${name}`, { policyAssignmentId, exemptionCategory: "Waiver", expiresOn });
    const places = (value: string[]) => ({ parameters: { places: { value } } });
    const elsewhere = await plant(root, "policyDefinitions/elsewhere", {
      displayName: "Only elsewhere",
      policyType: "Custom",
      mode: "Indexed",
      parameters: { places: { type: "Array" } },
      policyRule: { if: { field: "location", notIn: "[parameters('places')]" }, then: { effect: "deny" } },
    });
    const disabled = await assign(root, "disabled", closed);
    const held = await assign(root, "held", elsewhere, places(["westeurope"]));
    const allowed = await assign(root, "allowed", elsewhere, places(["East US 2"]));
    const over = await exempt("over", disabled, "2020-01-01T00:00:00Z");
    expect(await policies()).toMatchObject([
      {
        severity: "error",
        what: expect.stringMatching(/^The policy "Only elsewhere" denies .* and \d+ more$/) as string,
        evidence: `policy assignment "held" (${held}), effect deny: location is "eastus2" (notIn ["westeurope"])`,
        next: expect.stringMatching(
          /^Set location \(now "eastus2"\) .* az policy exemption create .* --scope /,
        ) as string,
      },
      {
        severity: "warning",
        what: "Public network access to storage is switched off by a policy",
        evidence: expect.stringContaining('"disabled"') as string,
        next: expect.stringMatching(/^Set network\.access to "private"/) as string,
      },
    ]);
    const moved = await exempt("until-moved", disabled, "2090-01-01T00:00:00Z");
    const waived = await exempt("waived", held, "2090-01-01T00:00:00Z");
    expect(await policies()).toMatchObject([
      {
        severity: "note",
        what: expect.stringMatching(/^The policy "Only elsewhere" would deny .*, and is exempted from$/) as string,
        next: expect.stringContaining("before it expires on 2090-01-01") as string,
      },
    ]);
    for (const id of [waived, moved, over, held, allowed, disabled]) await withdraw(id);
    const lost = await assign(cloud.subscription, "lost", closed.replace("closed", "nowhere"));
    expect(await policies()).toMatchObject([
      { severity: "note", what: "What one assigned policy does could not be read" },
    ]);
    await withdraw(lost);
  }, 240_000);

  test("finds a registry that is not there, has no champion for this stack, or is none that one may write to", async () => {
    const id = `${cloud.subscription}/resourceGroups/shared/providers/Microsoft.MachineLearningServices/registries/champions`;
    const stack = `organization/${project}/staging`;
    const taking = { model: { source: "registry", registry: { id, stack } } };
    const of = async (check: string, changes: object, identity?: NodeJS.ProcessEnv) =>
      (await findings(changes as Record<string, unknown>, identity)).worst.filter((finding) => finding.check === check);
    expect(await of("registry", taking)).toMatchObject([
      { severity: "error", what: "model.registry.id: there is no registry champions" },
    ]);
    await cloud.modelRegistry("champions", await cloud.group("shared"));
    expect(await of("registry", taking)).toMatchObject([
      {
        severity: "error",
        what: `model.registry.stack: ${stack} has shared no champion of automl-image-detector in the registry champions`,
        next: `Set model.registry.publish to true there, and run "pulumi up" in ${stack}.`,
      },
    ]);
    const sharing = { model: { registry: { id, publish: true } } };
    expect(await of("permissions", sharing, await pipeline("sharer", "Reader"))).toContainEqual(
      expect.objectContaining({
        what: 'The identity may not do what "up" does: Microsoft.MachineLearningServices/registries/assets/write',
        next: expect.stringContaining(`at ${id}: AzureML Registry User.`) as string,
      }),
    );
  }, 60_000);

  test.each([
    ["*", "", "Microsoft.Storage/storageAccounts/write", true],
    ["*", "Microsoft.Authorization/*/Write", "Microsoft.Authorization/roleAssignments/write", false],
    ["*/read", "", "Microsoft.KeyVault/vaults/write", false],
    ["microsoft.keyvault/*", "", "Microsoft.KeyVault/vaults/secrets/write", true],
    ["Microsoft.Storage/storageAccounts/*", "", "Microsoft.Storage/storageAccountsX/write", false],
  ])("a role with %s but %s permits %s: %s", (actions, notActions, action, permitted) => {
    expect(isPermitted([{ actions: [actions], notActions: notActions ? [notActions] : [] }], action)).toBe(permitted);
  });

  test.each([
    [["--stack", "dev", "--skip", "quotas"], /--skip: "quotas" is no check; did you mean quota\?/],
    [["--stack", "nowhere"], /Pulumi\.nowhere\.yaml cannot be read .*--config-file/],
  ])("cannot run with %p, and says why", async (args, message) => {
    const { status, stderr } = await run(args);
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
  });

  test("cannot run where the local cloud does not start, which is no finding", async () => {
    const { PATH, HOME } = process.env;
    const taken = String(cloud.record.port);
    const folder = join(cloud.stateFolder, "another");
    const env = { PATH, HOME, LOCAL_STATE_DIR: folder, LOCAL_CLOUD_PORT: taken };
    const { status, stderr } = await runTool("preflight", ["--stack", "local"], { env });
    expect(stderr).toMatch(
      /^error: .*Port \d+ of the local cloud is taken[^]*error: The local cloud could not be used/,
    );
    expect(status).toBe(2);
  }, 60_000);
});
