import fc from "fast-check";
import { parseConfig } from "../../config";
import { nameProblem, nameRules, type Named } from "../../lib/nameRules";
import { resourceNames, stableSuffix } from "../../lib/naming";

const stem = fc.stringMatching(/^[a-z][a-z0-9]{1,9}$/);
/** What Pulumi takes as the name of a stack. */
const stack = fc.stringMatching(/^[A-Za-z0-9_.-]{1,60}$/);
const names = (name: string, ofStack: string) => resourceNames(name, ofStack, stableSuffix("s", "p", ofStack, name));

describe("names of a stack's resources", () => {
  test("are those that stacks have had", () => {
    expect(resourceNames("objdet", "local", "24e164")).toEqual({
      resourceGroup: "rg-objdet-local",
      storageAccount: "stobjdetlocal24e164",
      keyVault: "kv-objdet-local-24e164",
      logAnalytics: "log-objdet-local",
      applicationInsights: "appi-objdet-local",
      workspace: "mlw-objdet-local-24e164",
      containerRegistry: "crobjdetlocal24e164",
      virtualNetwork: "vnet-objdet-local",
      managedIdentity: "id-objdet-local-encryption",
      actionGroup: "ag-objdet-local",
      budget: "budget-objdet-local",
      labelingNetwork: "vnet-objdet-local-labels",
      containerEnvironment: "cae-objdet-local-labels",
      labelStudio: "ca-objdet-local-labels",
      labelStudioIdentity: "id-objdet-local-labels",
      imageGateway: "ca-objdet-local-images",
      imageGatewayIdentity: "id-objdet-local-images",
      labelingDatabase: "psql-objdet-local-24e164",
    });
    expect(resourceNames("objdet", "staging", "24e164").keyVault).toBe("kv-objdet-staging-24e164");
  });

  test("are such as Azure takes, whatever the stack is called, and end with the whole suffix", () => {
    fc.assert(
      fc.property(stem, stack, (name, ofStack) => {
        const made = names(name, ofStack);
        for (const [kind, value] of Object.entries<string>({ ...made }))
          expect(nameProblem(kind as Named, value)).toBeUndefined();
        const suffix = stableSuffix("s", "p", ofStack, name);
        for (const unique of [made.storageAccount, made.keyVault, made.workspace])
          expect(unique.endsWith(suffix)).toBe(true);
      }),
    );
  });

  test.each([
    ["production-eu", "production-us"],
    ["_", "-"],
  ])("of the stacks %s and %s do not meet", (one, other) => {
    const taken = new Set(Object.values(names("objdet", one)));
    expect(Object.values(names("objdet", other)).filter((name) => taken.has(name))).toEqual([]);
  });

  test("that Azure does not take are refused with what it takes", () => {
    expect(() => resourceNames("Objdet", "dev", "24e164")).toThrow(
      'the name of the storage account is "stObjdetdev24e164"; allowed are 3 to 24 lower-case letters and digits',
    );
  });
});

describe("rules for names", () => {
  test.each([
    ["resourceGroup", "rg-(a).b", ["rg.", "", "a".repeat(91)]],
    ["storageAccount", "st0", ["st", "St0", "st-0", "s".repeat(25)]],
    ["keyVault", "kv-a-1", ["1kv", "kv--a", "kv-", "k".repeat(25)]],
    ["containerRegistry", "Cr123", ["cr12", "cr-12"]],
    ["logAnalytics", "log-1", ["log", "-log-1", "log-1-"]],
    ["applicationInsights", "appi (1)", ["appi.", "a/b"]],
    ["workspace", "mlw-1", ["ml", "mlw_1", "m".repeat(34)]],
    ["actionGroup", "ag 1", ["", "a/b", "a."]],
    ["budget", "budget_1", ["", "a b", "b".repeat(64)]],
    ["virtualNetwork", "vnet_", ["v", "_vnet", "vnet."]],
    ["managedIdentity", "id_1", ["id", "-id1"]],
    ["trainingCluster", "gpu-cluster", ["gp", "1gpu", "gpu-", "g".repeat(33)]],
    ["attachedCluster", "cluster-aks-gpu", ["c", "cluster-aks-gpu-x", "cluster_x"]],
  ] as [Named, string, string[]][])("%s", (kind, good, bad) => {
    expect(nameProblem(kind, good)).toBeUndefined();
    for (const name of bad)
      expect(nameProblem(kind, name)).toContain(`"${name}"; allowed are ${nameRules[kind].allowed}`);
  });

  test("hold for the names of the configuration", () => {
    const data = JSON.stringify({ images: "a", annotations: "b" });
    expect(() =>
      parseConfig({ data, compute: '{"name": "g"}', serving: '{"clusterName": "a-cluster-too-long"}' }),
    ).toThrow(/compute\.name: "g"; 3 to 32 letters.*\n.*serving\.clusterName: "a-cluster-too-long"; 2 to 16 letters/);
  });
});
