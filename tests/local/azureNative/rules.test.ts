import { checkInputs, withAutoname } from "../../../local/azureNative/check";
import { bodyOf, idOf, importedInputs, outputsOf, projectInputs } from "../../../local/azureNative/convert";
import { diffInputs } from "../../../local/azureNative/diff";
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
    const known = { resourceGroupName: "g", workspaceName: "w", endpointName: "e", location: "l" };
    expect(checkInputs(endpoint, { ...known, properties: {} })).toEqual([
      { property: "properties.authMode", reason: "missing required property 'properties.authMode'" },
    ]);
    expect(checkInputs(endpoint, { ...known, properties: unknownValue })).toEqual([]);
    expect(checkInputs(endpoint, { ...known, properties: { authMode: unknownValue } })).toEqual([]);
    expect(
      checkInputs(account, { resourceGroupName: "g", accountName: "a" })
        .map(({ property }) => property)
        .sort(),
    ).toEqual(["kind", "sku"]);
  });

  test("says which values are of another type, and lets unknown names and values of enumerations pass", () => {
    const inputs = {
      resourceGroupName: "g",
      accountName: 5,
      kind: "StorageV2",
      sku: "Standard_LRS",
      allowSharedKeyAccess: "yes",
      minimumTlsVersion: "TLS9",
      networkRuleSet: { defaultAction: "Deny", ipRules: {} },
      surprise: 1,
      isHnsEnabled: unknownValue,
    };
    expect(checkInputs(account, inputs).map(({ reason }) => reason)).toEqual([
      "'accountName' should be of type 'string' but got a number",
      "'sku' should be of type 'object' but got a string",
      "'allowSharedKeyAccess' should be of type 'boolean' but got a string",
      "'networkRuleSet.ipRules' should be of type 'array' but got an object",
    ]);
  });

  test("gives a name when none is given, and keeps it", () => {
    const urn = "urn:pulumi:s::p::azure-native:storage:StorageAccount::images";
    const named = withAutoname(account, {}, {}, urn, Buffer.from([1]));
    expect(named.accountName).toMatch(/^images[0-9a-f]{8}$/);
    expect(withAutoname(account, {}, named, urn, Buffer.from([2])).accountName).toBe(named.accountName);
  });

  test("refresh takes over differences only, and import the parts of the id", () => {
    expect(
      projectInputs({ a: 1, b: { c: 2 } }, { a: 1, b: { c: 2, d: 3 } }, { a: 1, b: { c: 9, d: 4 }, e: 5 }),
    ).toEqual({ a: 1, b: { c: 9 } });
    const id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a";
    expect(importedInputs(account, id, { kind: "StorageV2", id }, (key) => key === "kind")).toEqual({
      kind: "StorageV2",
      resourceGroupName: "g",
      accountName: "a",
    });
  });

  test("speaks to Resource Manager in its names, and to the program in the SDK's", () => {
    const inputs = {
      resourceGroupName: "g",
      accountName: "a",
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
    expect(
      checkInputs(account, { ...known, networkRuleSet: { defaultAction: "Deny", ipRules: [{}] } }).map(
        ({ property }) => property,
      ),
    ).toEqual(["networkRuleSet.ipRules[0].iPAddressOrRange"]);
  });

  test("every type of the table has an ARM type of its own", () => {
    expect(new Set(resourceTypes.map(armTypeOf)).size).toBe(resourceTypes.length);
  });
});
