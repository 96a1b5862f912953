import { join } from "node:path";
import { parseConfig, type StackConfig } from "../../../config";
import { namespacesOf, plannedActions } from "../../../lib/preflight/actions";
import { planOf } from "../../../lib/preflight/plan";
import { readSettings } from "../../../lib/preflight/settings";
import { hosted } from "../labeling/hosted";

const place = {
  project: "p",
  stack: "prod",
  subscriptionId: "3d5b8f0a-2c47-4e19-a6d3-1f8e7c9b0a52",
  declared: () => Promise.resolve([]),
};
const actionsOf = (config: StackConfig) => plannedActions(planOf(config, [], place)).map(({ action }) => action);
const ml = "Microsoft.MachineLearningServices/workspaces";

describe("the actions that a stack needs rights for", () => {
  const configured = (more: Record<string, object>) =>
    parseConfig({
      data: JSON.stringify({ images: "images", annotations: "instances.json" }),
      serving: JSON.stringify({ allowInsecureConnections: true }),
      ...Object.fromEntries(Object.entries(more).map(([key, value]) => [key, JSON.stringify(value)])),
    });

  test("are of production's networks, locks and budget, and none of training where the model comes from staging", () => {
    const root = join(__dirname, "..", "..", "..");
    const actions = actionsOf(readSettings(root, join(root, "Pulumi.prod.yaml")).config);
    expect(actions).toEqual(
      expect.arrayContaining([
        "Microsoft.Network/privateEndpoints/write",
        "Microsoft.Network/privateDnsZones/write",
        "Microsoft.Network/virtualNetworks/write",
        "Microsoft.ContainerRegistry/registries/write",
        `${ml}/provisionManagedNetwork/action`,
        "Microsoft.Authorization/locks/write",
        "Microsoft.Consumption/budgets/write",
        "Microsoft.Insights/diagnosticSettings/write",
      ]),
    );
    expect(actions).not.toContain(`${ml}/jobs/write`);
    expect(actions).not.toContain("Microsoft.ContainerService/managedClusters/write");
  });

  test("write nothing that is adopted", () => {
    const group = "/subscriptions/s/resourceGroups/shared";
    const adopted = {
      existing: {
        resourceGroupId: group,
        storageAccountId: `${group}/providers/Microsoft.Storage/storageAccounts/images`,
        keyVaultId: `${group}/providers/Microsoft.KeyVault/vaults/keys`,
        logAnalyticsId: `${group}/providers/Microsoft.OperationalInsights/workspaces/logs`,
      },
    };
    const written = ["Storage/storageAccounts", "KeyVault/vaults", "OperationalInsights/workspaces"].map(
      (type) => `Microsoft.${type}/write`,
    );
    expect(actionsOf(configured({}))).toEqual(expect.arrayContaining(written));
    const actions = actionsOf(configured(adopted));
    for (const action of [...written, "Microsoft.Resources/subscriptions/resourceGroups/write"])
      expect(actions).not.toContain(action);
    expect(planOf(configured(adopted), [], place).groupId).toBe(group);
  });

  test("are of containers and a database where the stack runs Label Studio, whose providers have to be registered", () => {
    const config = configured({ labeling: { service: "labelStudio", host: "azure", azure: hosted } });
    expect(actionsOf(config)).toEqual(
      expect.arrayContaining([
        "Microsoft.App/containerApps/authConfigs/write",
        "Microsoft.DBforPostgreSQL/flexibleServers/write",
        "Microsoft.Network/virtualNetworks/write",
      ]),
    );
    const registered = ["Microsoft.App", "Microsoft.DBforPostgreSQL", "Microsoft.ManagedIdentity", "Microsoft.Network"];
    expect(namespacesOf(planOf(config, [], place))).toEqual(expect.arrayContaining(registered));
    expect(namespacesOf(planOf(configured({}), [], place))).not.toContain("Microsoft.App");
  });

  test("are of batches and of schedules where those are asked for", () => {
    expect(actionsOf(configured({ training: { schedule: { cron: "0 3 * * 0" } } }))).toContain(`${ml}/schedules/write`);
    const serving = { allowInsecureConnections: true, batch: {} };
    expect(actionsOf(configured({ serving }))).toContain(`${ml}/batchEndpoints/deployments/write`);
    expect(actionsOf(configured({}))).not.toContain(`${ml}/batchEndpoints/write`);
  });
});
