import { join } from "node:path";
import { declaredBy } from "../../commands/preflight/declared";
import { denialsOf } from "../../lib/preflight/checks/policyDenials";
import { planOf, type Plan } from "../../lib/preflight/plan";
import { armTypeOf } from "../../lib/preflight/policies/armTypes";
import type { Declared } from "../../lib/preflight/policies/fields";
import { ruleOf } from "../../lib/preflight/policies/rules";
import { readSettings } from "../../lib/preflight/settings";
import { armTypeOf as typeInCloud, resourceTypes } from "../../local/resourceTypes";
import { storageRules, generalRules } from "./builtInPolicies";

const root = join(__dirname, "..", "..");
const subscriptionId = "3d5b8f0a-2c47-4e19-a6d3-1f8e7c9b0a52";

/** What the program of a stack declares, against rules of Azure's own. */
describe("policies that deny", () => {
  const plans = new Map<string, { plan: Plan; declared: Declared[] }>();
  beforeAll(async () => {
    const run = async (stack: string) => {
      const { project, values, config } = readSettings(root, join(root, `Pulumi.${stack}.yaml`));
      const program = { project, stack, subscriptionId };
      const declared = await declaredBy({ ...program, values });
      plans.set(stack, {
        declared,
        plan: planOf(config, [], { ...program, declared: () => Promise.resolve(declared) }),
      });
    };
    await Promise.all(["dev", "prod"].map(run));
  }, 120_000);

  const judged = (stack: string, definition: object, parameters: Record<string, unknown>) => {
    const { plan, declared } = plans.get(stack)!;
    const given = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, { value }]));
    const rule = ruleOf({ name: "rule", properties: definition }, given, undefined);
    const assignment = { id: "/assignment", name: "assigned", properties: {} };
    const known = undefined;
    return denialsOf(
      [{ assignment, told: "assigned", definitionId: "/definition", reference: undefined, rule, known }],
      declared,
      plan,
      [],
    );
  };

  test("see every resource of the program by the name that Azure has for its type", () => {
    const byToken = new Map(resourceTypes.map((type) => [type.token, typeInCloud(type)]));
    for (const { declared } of plans.values())
      for (const { token, apiVersion } of declared.filter((one) => one.token.startsWith("azure-native:"))) {
        const expected = byToken
          .get(token)
          ?.replace("Microsoft.Resources/resourceGroups", "Microsoft.Resources/subscriptions/resourceGroups");
        expect({ token, type: armTypeOf(token)?.type, apiVersion }).toEqual({
          token,
          type: expected,
          apiVersion: expect.stringMatching(/^20\d\d-/) as string,
        });
      }
  });

  const nothing = /^$/;
  test.each<[string, object, Record<string, unknown>, RegExp, RegExp]>([
    ["shared keys", storageRules.sharedKeys, { effect: "Deny" }, nothing, nothing],
    [
      "public network access to storage",
      storageRules.publicNetwork,
      { effect: "Deny" },
      /^error: .* denies Microsoft\.Storage\/storageAccounts stobjdetdev\w+; .*publicNetworkAccess is "Enabled" \(notEquals "Disabled"\); Set network\.access \(now "public"\) to "private"/,
      nothing,
    ],
    ["public network access audited", storageRules.publicNetwork, {}, nothing, nothing],
    [
      "a redundancy",
      storageRules.skus,
      { listOfAllowedSKUs: ["Standard_GRS", "Standard_ZRS"] },
      /^error: .*sku\.name is "Standard_LRS" .*; Set protection\.redundancy \(now "LRS"\)/,
      nothing,
    ],
    ["network rules", storageRules.networkRules, { effect: "Deny" }, /networkAcls\.defaultAction is not set/, nothing],
    [
      "regions",
      generalRules.locations,
      { listOfAllowedLocations: ["West Europe"] },
      /^error: .* and \d+ more; .*location is "eastus2" \(notIn \["West Europe"\]\).*; Set location \(now "eastus2"\)/,
      /^error: /,
    ],
    ["the region in other words", generalRules.locations, { listOfAllowedLocations: ["East US 2"] }, nothing, nothing],
    [
      "a tag",
      generalRules.tag,
      { tagName: "costCenter" },
      /^error: .*tags\[costCenter\] is not set \(exists "false"\); Add what it asks for to "tags"/,
      /^error: /,
    ],
    ["a tag that all have", generalRules.tag, { tagName: "stack" }, nothing, nothing],
    [
      "jobs of Azure ML",
      generalRules.notTypes,
      { listOfResourceTypesNotAllowed: ["Microsoft.MachineLearningServices/workspaces/jobs"] },
      /^error: .* denies Microsoft\.MachineLearningServices\/workspaces\/jobs /,
      nothing,
    ],
    [
      "a firewall of the vault, by the api-version of the request",
      generalRules.vaultNetwork,
      { effect: "Deny" },
      /^error: .* denies Microsoft\.KeyVault\/vaults kv-objdet-dev/,
      nothing,
    ],
    [
      "a mode of one service",
      { ...storageRules.skus, mode: "Microsoft.KeyVault.Data" },
      {},
      /^warning: .* cannot be told; .*mode Microsoft\.KeyVault\.Data/,
      /^warning: /,
    ],
  ])("%s", (_name, definition, parameters, dev, prod) => {
    const texts = ["dev", "prod"].map((stack) =>
      judged(stack, definition, parameters)
        .map(({ severity, what, evidence, next }) => `${severity}: ${what}; ${evidence}; ${next}`)
        .join("\n"),
    );
    expect(texts[0]).toMatch(dev);
    expect(texts[1]).toMatch(prod);
  });

  test("cannot be judged where the program does not run, which is said", async () => {
    const values = { "azure-ml-object-detection:onRetiredSize": "never" };
    await expect(
      declaredBy({ project: "azure-ml-object-detection", stack: "dev", subscriptionId, values }),
    ).rejects.toThrow(/the program does not run with this configuration: .*onRetiredSize/);
  }, 60_000);
});
