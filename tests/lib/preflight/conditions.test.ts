import { verdictOf } from "../../../lib/preflight/policies/condition";
import { unknown, type Declared } from "../../../lib/preflight/policies/fields";
import { subjectOf } from "../../../lib/preflight/policies/subject";
import type { Plan } from "../../../lib/preflight/plan";

const plan = {
  groupId: "/subscriptions/s/resourceGroups/rg",
  subscriptionId: "s",
  location: "eastus2",
  config: { existing: {} },
} as Plan;
const account: Declared = {
  token: "azure-native:storage:StorageAccount",
  name: "storage-account",
  inputs: {
    accountName: "stobjdet",
    location: "eastus2",
    tags: { stack: "dev", "cost.center": "4711" },
    kind: "StorageV2",
    sku: { name: "Standard_LRS" },
    allowSharedKeyAccess: false,
    networkRuleSet: { defaultAction: "Deny", ipRules: [{ action: "Allow" }, { action: "Deny" }] },
    customDomain: unknown,
  },
  settable: ["accountName", "location", "tags", "allowSharedKeyAccess", "networkRuleSet", "sasPolicy", "customDomain"],
  apiVersion: "2024-01-01",
};
const st = "Microsoft.Storage/storageAccounts";
const parameters: Record<string, unknown> = { places: ["West Europe", "East US 2"], tag: "costCenter", none: [] };
const judge = (condition: unknown) => {
  const parameter = (name: string) => parameters[name];
  const verdict = verdictOf(condition, subjectOf(account, { parameter }, plan));
  return verdict.holds === undefined ? verdict.why : verdict.holds;
};

describe("a policy's condition", () => {
  test.each<[string, unknown, boolean]>([
    ["in any case", { field: "TYPE", equals: "microsoft.storage/storageaccounts" }, true],
    ["of a boolean and its text", { field: `${st}/allowSharedKeyAccess`, equals: "False" }, true],
    ["of what is not set", { field: `${st}/sasPolicy`, exists: "false" }, true],
    ["of what is not set and something else", { field: `${st}/sasPolicy`, notEquals: "x" }, true],
    ["of what is not set, like anything", { field: `${st}/sasPolicy`, like: "*" }, false],
    ["of regions with and without spaces", { field: "location", in: "[parameters('places')]" }, true],
    ["by a name of the SDK's own", { field: `${st}/networkAcls.defaultAction`, equals: "Deny" }, true],
    ["of the envelope", { field: `${st}/sku.name`, like: "Standard_*" }, true],
    ["of a tag", { field: "tags['stack']", equals: "DEV" }, true],
    ["of a tag with a point", { field: "tags[cost.center]", equals: "4711" }, true],
    ["of a tag by a parameter", { field: "[concat('tags[', parameters('tag'), ']')]", exists: "false" }, true],
    ["of all tags", { field: "tags", containsKey: "Stack" }, true],
    ["of the id", { field: "id", contains: "/resourceGroups/RG/" }, true],
    ["by a pattern", { field: "name", match: "??????##" }, false],
    ["by a pattern in any case", { field: "kind", matchInsensitively: "storagev#" }, true],
    ["on each of a list", { field: `${st}/networkAcls.ipRules[*].action`, equals: "Allow" }, false],
    ["on each of an empty list", { field: `${st}/networkAcls.virtualNetworkRules[*].id`, equals: "x" }, true],
    ["on how many", { count: { field: `${st}/networkAcls.ipRules[*]` }, greaterOrEquals: 2 }, true],
    [
      "on how many of them",
      {
        count: {
          field: `${st}/networkAcls.ipRules[*]`,
          where: { field: `${st}/networkAcls.ipRules[*].action`, equals: "Deny" },
        },
        equals: 1,
      },
      true,
    ],
    [
      "on how many values",
      {
        count: {
          value: "[parameters('places')]",
          name: "place",
          where: { value: "[toLower(current('place'))]", like: "west*" },
        },
        greater: 0,
      },
      true,
    ],
    ["on the request", { value: "[requestContext().apiVersion]", less: "2021-06-01-preview" }, false],
    ["on the group", { value: "[resourceGroup().location]", equals: "[field('location')]" }, true],
    [
      "on functions in functions",
      { value: "[if(empty(parameters('none')), first(split('a;b', ';')), 'x')]", equals: "a" },
      true,
    ],
    ["on text in brackets", { value: "[[a]", equals: "[[a]" }, true],
    [
      "not",
      {
        not: {
          anyOf: [
            { field: "kind", equals: "x" },
            { field: "kind", notEquals: "StorageV2" },
          ],
        },
      },
      true,
    ],
    [
      "decided before what cannot be told",
      {
        allOf: [
          { value: "[odd()]", equals: 1 },
          { field: "kind", equals: "x" },
        ],
      },
      false,
    ],
    [
      "met whatever cannot be told",
      {
        anyOf: [
          { value: "[odd()]", equals: 1 },
          { field: "kind", exists: true },
        ],
      },
      true,
    ],
  ])("%s", (_name, condition, expected) => {
    expect(judge(condition)).toBe(expected);
  });

  test.each<[string, unknown, RegExp]>([
    ["a function", { value: "[utcNow()]", equals: "x" }, /^the function utcNow is not understood here$/],
    ["an operator", { field: "kind", resembles: "x" }, /resembles.* is not understood here$/],
    ["an expression", { value: "[concat('a']", equals: "x" }, /lacks a "\)"$/],
    ["a value of the deployment", { field: `${st}/customDomain`, equals: "x" }, /customDomain is not known before/],
    ["what nobody sets", { field: `${st}/odd`, equals: "x" }, /odd is not among what a program sets$/],
    ["another type's field", { field: "Microsoft.KeyVault/vaults/createMode", exists: true }, /of another type than/],
    ["emptiness", { field: `${st}/sasPolicy`, equals: "" }, /is taken for empty is not known$/],
    ["the group's tags", { value: "[resourceGroup().tags['a']]", equals: "x" }, /tags is not known beforehand$/],
    ["two kinds", { field: "kind", less: 3 }, /are of two kinds$/],
    [
      "either of two",
      {
        anyOf: [
          { value: "[odd()]", equals: 1 },
          { field: "kind", equals: "x" },
        ],
      },
      /function odd/,
    ],
    ["not", { not: { value: "[odd()]", equals: 1 } }, /function odd/],
  ])("cannot be told for %s", (_name, condition, why) => {
    expect(judge(condition)).toMatch(why);
  });

  test("says what makes it hold", () => {
    const condition = {
      not: {
        allOf: [
          { field: "location", in: ["westeurope"] },
          { field: "kind", exists: true },
        ],
      },
    };
    const parameter = () => undefined;
    expect(verdictOf(condition, subjectOf(account, { parameter }, plan))).toEqual({
      holds: true,
      because: [{ field: "location", text: 'location is "eastus2" (not: in ["westeurope"])' }],
    });
  });
});
