import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { checkInputs } from "../../../local/azureNative/check";
import { bodyOf, idOf, importedInputs, outputsOf } from "../../../local/azureNative/convert";
import { diffInputs } from "../../../local/azureNative/diff";
import { withAutoname } from "../../../local/azureNative/naming";
import { refreshedInputs } from "../../../local/azureNative/refresh";
import { unknownValue } from "../../../local/azureNative/values";
import { armTypeOf, resourceTypeOfToken, resourceTypes, type ResourceType } from "../../../local/resourceTypes";

function typeOf(name: string): ResourceType {
  const found = resourceTypeOfToken(`azure-native:${name}`);
  if (!found) throw new Error(name);
  return found;
}

const account = typeOf("storage:StorageAccount");
const endpoint = typeOf("machinelearningservices:OnlineEndpoint");

describe("the stand-in of azure-native", () => {
  test("puts flattened arguments back into properties, and answers them flat", () => {
    const inputs = {
      resourceGroupName: "g",
      accountName: "a",
      location: "l",
      kind: "StorageV2",
      sku: { name: "Standard_LRS" },
      allowBlobPublicAccess: false,
    };
    expect(idOf(account, inputs, "s")).toBe(
      "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a",
    );
    const body = bodyOf(account, inputs);
    expect(body).toEqual({
      location: "l",
      kind: "StorageV2",
      sku: { name: "Standard_LRS" },
      properties: { allowBlobPublicAccess: false },
    });
    expect(outputsOf(account, { id: "i", name: "a", ...body })).toMatchObject({
      name: "a",
      allowBlobPublicAccess: false,
      azureApiVersion: "2024-01-01",
    });
  });

  test("keeps properties of Azure ML as one argument", () => {
    expect(
      bodyOf(endpoint, {
        endpointName: "e",
        workspaceName: "w",
        resourceGroupName: "g",
        location: "l",
        properties: { authMode: "Key" },
      }),
    ).toEqual({ location: "l", properties: { authMode: "Key" } });
  });

  test("a role assignment's scope may be any resource", () => {
    const type = typeOf("authorization:RoleAssignment");
    expect(idOf(type, { scope: "/subscriptions/s/resourceGroups/g", roleAssignmentName: "n" }, "s")).toBe(
      "/subscriptions/s/resourceGroups/g/providers/Microsoft.Authorization/roleAssignments/n",
    );
  });

  test("path arguments and fixed properties make a new resource, others an update", () => {
    const olds = { endpointName: "e", location: "East US 2", properties: { authMode: "Key", description: "a" } };
    const kinds = (news: object) =>
      [...diffInputs(endpoint, olds, { ...olds, ...news })].map(([path, { kind, replaces }]) => [path, kind, replaces]);
    expect(kinds({})).toEqual([]);
    expect(kinds({ location: "eastus2" })).toEqual([]);
    expect(kinds({ endpointName: "f" })).toEqual([["endpointName", "update", true]]);
    expect(kinds({ properties: { authMode: "AMLToken", tags: 1 } })).toEqual([
      ["properties.authMode", "update", true],
      ["properties.description", "delete", false],
      ["properties.tags", "add", false],
    ]);
  });

  test("says what is missing as the plugin does, and waits for what is not known", () => {
    const known = { resourceGroupName: "g", workspaceName: "mlw", endpointName: "e", location: "l" };
    expect(checkInputs(endpoint, { ...known, properties: {} })).toEqual([
      "missing required property 'properties.authMode'",
    ]);
    expect(checkInputs(endpoint, { ...known, properties: unknownValue })).toEqual([]);
    expect(checkInputs(endpoint, { ...known, properties: { authMode: unknownValue } })).toEqual([]);
    expect(checkInputs(account, { resourceGroupName: "g", accountName: "acct" }).sort()).toEqual([
      "missing required property 'kind'",
      "missing required property 'sku'",
    ]);
  });

  test("says which values are of another type, and lets pass what the plugin does", () => {
    const inputs = {
      resourceGroupName: "g",
      accountName: 5,
      kind: "StorageV2",
      sku: "Standard_LRS",
      allowSharedKeyAccess: "yes",
      minimumTlsVersion: "TLS9",
      networkRuleSet: { defaultAction: "Deny", ipRules: {}, virtualNetworkRules: "none" },
      identity: true,
      surprise: 1,
      isHnsEnabled: unknownValue,
    };
    expect(checkInputs(account, inputs)).toEqual([
      "'accountName' should be of type 'string' but got a number",
      "'sku' should be of type 'object' but got a string",
      "'allowSharedKeyAccess' should be of type 'boolean' but got a string",
      "'networkRuleSet.virtualNetworkRules' should be of type 'array' but got a string",
    ]);
    const compute = { resourceGroupName: "g", workspaceName: "mlw", computeName: "c", location: "l" };
    const clusterType = typeOf("machinelearningservices:Compute");
    // One of several objects: the plugin looks into none of them, and knows no name of their type.
    expect(checkInputs(clusterType, { ...compute, properties: { computeType: "AmlCompute", properties: 5 } })).toEqual(
      [],
    );
    expect(checkInputs(clusterType, { ...compute, properties: "AmlCompute" })).toEqual([
      "'properties' should be of type '' but got a string",
    ]);
  });

  const limited = { resourceGroupName: "g", accountName: "acct", blobServicesName: "default" };
  test.each<[string, string, object, string[]]>([
    [
      "a name that is too short",
      "storage:StorageAccount",
      { accountName: "ab" },
      ["'accountName' is too short (2): at least 3 characters required"],
    ],
    [
      "a name that is too long, in bytes",
      "storage:StorageAccount",
      { accountName: "ä".repeat(13) },
      [
        "'accountName' is too long (26): at most 24 characters allowed",
        "'accountName' does not match expression '^[a-z0-9]+$'",
      ],
    ],
    [
      "a name with other characters",
      "storage:StorageAccount",
      { accountName: "my-account" },
      ["'accountName' does not match expression '^[a-z0-9]+$'"],
    ],
    [
      "a number beyond its range",
      "storage:BlobServiceProperties",
      { deleteRetentionPolicy: { days: 400 }, changeFeed: { retentionInDays: 0 } },
      [
        "'changeFeed.retentionInDays' is too low (0.000000 < 1.000000)",
        "'deleteRetentionPolicy.days' is too high (400.000000 > 365.000000)",
      ],
    ],
    [
      "a number that is not whole",
      "storage:BlobServiceProperties",
      { deleteRetentionPolicy: { days: 1.5 } },
      ["'deleteRetentionPolicy.days' must be an integer but got 1.500000"],
    ],
    [
      "nothing that is not known yet",
      "storage:BlobServiceProperties",
      { accountName: unknownValue, deleteRetentionPolicy: { days: unknownValue } },
      [],
    ],
  ])("refuses %s in the plugin's words", (_what, token, inputs, failures) => {
    const account_ = token.endsWith("StorageAccount") ? { kind: "StorageV2", sku: { name: "Standard_LRS" } } : {};
    expect(checkInputs(typeOf(token), { ...limited, ...account_, ...inputs })).toEqual(failures);
  });

  describe("names what is given no name", () => {
    const urn = "urn:pulumi:stack::project::azure-native:storage:StorageAccount::test";
    const seed = Buffer.from("seed");

    // The values are those of the plugin's own test (autonaming_test.go).
    test.each<[string, string, object]>([
      ["storage:StorageAccount", "accountName", { accountName: "test614742c2", __createBeforeDelete: true }],
      ["machinelearningservices:OnlineEndpoint", "endpointName", { endpointName: "test614742c2" }],
      [
        "authorization:RoleAssignment",
        "roleAssignmentName",
        { roleAssignmentName: "614742c2-d31f-db71-69aa-0171258e619a", __createBeforeDelete: true },
      ],
      ["machinelearningservices:Compute", "computeName", { computeName: "test" }],
    ])("%s from the engine's seed, as the plugin does", (token, name, expected) => {
      const named = withAutoname(typeOf(token), {}, {}, urn, seed);
      expect(named).toMatchObject(expected);
      expect(withAutoname(typeOf(token), {}, named, urn, Buffer.from("another"))).toEqual(named);
      expect(withAutoname(typeOf(token), { [name]: "mine" }, named, urn, seed)).toEqual({ [name]: "mine" });
    });

    test.each([
      ["enforce", "proposed", "proposed"],
      ["propose", "proposed", "614742c2-d31f-db71-69aa-0171258e619a"],
      ["disable", undefined, undefined],
    ] as const)("by the engine's configuration: %s", (mode, account_, assignment) => {
      const options = { mode, proposedName: "proposed" };
      expect(withAutoname(account, {}, {}, urn, seed, options).accountName).toBe(account_);
      const type = typeOf("authorization:RoleAssignment");
      expect(withAutoname(type, {}, {}, urn, seed, options).roleAssignmentName).toBe(assignment);
    });
  });

  test("import takes the parts of the id, and of the answer what can be given", () => {
    const id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a";
    const answer = {
      id,
      kind: "StorageV2",
      identity: {
        type: "SystemAssigned",
        principalId: "p",
        tenantId: "t",
        userAssignedIdentities: { "/u": { clientId: "c" } },
      },
      properties: {
        provisioningState: "Succeeded",
        networkAcls: { defaultAction: "Deny" },
        primaryEndpoints: { blob: "b" },
      },
    };
    expect(importedInputs(account, id, outputsOf(account, answer))).toEqual({
      kind: "StorageV2",
      identity: { type: "SystemAssigned", userAssignedIdentities: ["/u"] },
      networkRuleSet: { defaultAction: "Deny" },
      resourceGroupName: "g",
      accountName: "a",
    });
  });

  describe("refresh", () => {
    const inputs = { resourceGroupName: "g", vaultName: "v", tags: { a: "1" }, properties: { tenantId: "t" } };
    const state = { tags: { a: "1" }, properties: { tenantId: "t", enableSoftDelete: true, vaultUri: "u" } };
    const vault = typeOf("keyvault:Vault");

    test.each<[string, object, object]>([
      ["defaults of the service make no noise", {}, {}],
      ["read-only properties neither", { properties: { ...state.properties, vaultUri: "w" } }, {}],
      [
        "a default that was changed does",
        { properties: { ...state.properties, enableSoftDelete: false } },
        { properties: { tenantId: "t", enableSoftDelete: false } },
      ],
      ["what was added", { tags: { a: "1", b: "2" } }, { tags: { a: "1", b: "2" } }],
      ["what was removed", { tags: {} }, { tags: {} }],
      [
        "resources of their own that the program does not give here are left out",
        { properties: { ...state.properties, accessPolicies: [{ tenantId: "t" }] } },
        {},
      ],
    ])("%s", (_, answer, changed) => {
      expect(refreshedInputs(vault, inputs, state, { ...state, ...answer })).toEqual({ ...inputs, ...changed });
    });
  });

  test("lists of resources of their own are those that the SDK says so of", () => {
    const declarations = join(dirname(require.resolve("@pulumi/azure-native/package.json")), "network");
    for (const [file, token] of [
      ["virtualNetwork.d.ts", "network:VirtualNetwork"],
      ["networkSecurityGroup.d.ts", "network:NetworkSecurityGroup"],
    ] as const) {
      const [, args = ""] = readFileSync(join(declarations, file), "utf8").split("export interface ");
      const found = [...args.matchAll(/also available as standalone resources[^*]*\*\/\s*(\w+)\?/g)].map(
        ([, name]) => name,
      );
      expect(found).toEqual(typeOf(token).subResources);
    }
  });

  test("speaks to Resource Manager in its names, and to the program in the SDK's", () => {
    const inputs = {
      resourceGroupName: "g",
      accountName: "acct",
      enableHttpsTrafficOnly: true,
      networkRuleSet: { defaultAction: "Deny", ipRules: [{ iPAddressOrRange: "10.0.0.1" }] },
    };
    const { properties } = bodyOf(account, inputs);
    expect(properties).toEqual({
      supportsHttpsTrafficOnly: true,
      networkAcls: { defaultAction: "Deny", ipRules: [{ value: "10.0.0.1" }] },
    });
    const { resourceGroupName: _, accountName: __, ...own } = inputs;
    expect(outputsOf(account, { id: "/a", properties })).toMatchObject({ ...own, id: "/a" });
    const known = { ...inputs, kind: "StorageV2", sku: { name: "Standard_LRS" } };
    expect(checkInputs(account, { ...known, networkRuleSet: { defaultAction: "Deny", ipRules: [{}] } })).toEqual([
      "missing required property 'networkRuleSet.ipRules[0].iPAddressOrRange'",
    ]);
  });

  test("every type of the table has an ARM type of its own", () => {
    expect(new Set(resourceTypes.map(armTypeOf)).size).toBe(resourceTypes.length);
  });
});
