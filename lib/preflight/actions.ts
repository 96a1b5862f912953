import type { StackConfig } from "../../config";
import { zoneNames, type Zone } from "../environment/privateZones";
import type { Plan } from "./plan";

/** Something that `up` does, by the permission that it takes. */
export interface PlannedAction {
  action: string;
  /** Asked for at the subscription even where the resource group is there already. */
  ofSubscription?: boolean;
}

const ml = "Microsoft.MachineLearningServices/workspaces";
const aks = "Microsoft.ContainerService/managedClusters";

/** Namespaces that are used by others and named by no action of ours. */
const behind = ["Microsoft.Network", "Microsoft.ManagedIdentity", "Microsoft.ContainerRegistry"];

/** What `up` of the stack asks Resource Manager for. */
export function plannedActions({ config }: Plan): PlannedAction[] {
  const actions = [
    ...foundationActions(config),
    ...environmentActions(config),
    ...trainingActions(config),
    ...servingActions(config),
    ...labelingActions(config),
  ];
  const purge = config.onDestroy === "purge" ? ["Microsoft.KeyVault/locations/deletedVaults/purge/action"] : [];
  return [
    ...[...new Set(actions)].map((action) => ({ action })),
    ...purge.map((action) => ({ action, ofSubscription: true })),
  ];
}

/** Of what is adopted nothing is written. */
function foundationActions({ existing, compute, labeling }: StackConfig): string[] {
  return [
    ...(existing.resourceGroupId ? [] : ["Microsoft.Resources/subscriptions/resourceGroups/write"]),
    "Microsoft.Authorization/roleAssignments/write",
    ...(existing.storageAccountId ? [] : ["Microsoft.Storage/storageAccounts/write"]),
    "Microsoft.Storage/storageAccounts/blobServices/containers/write",
    ...(existing.keyVaultId ? [] : ["Microsoft.KeyVault/vaults/write"]),
    ...(existing.logAnalyticsId ? [] : ["Microsoft.OperationalInsights/workspaces/write"]),
    "Microsoft.Insights/components/write",
    `${ml}/write`,
    ...(compute.existing ? [`${ml}/computes/read`] : [`${ml}/computes/write`]),
    `${ml}/datastores/write`,
    `${ml}/data/versions/write`,
    ...(labeling.service === "azureml" ? [`${ml}/labelingJobs/write`] : []),
  ];
}

/** What production has besides. */
function environmentActions({ network, existing, encryption, monitoring, protection }: StackConfig): string[] {
  const isPrivate = network.access === "private";
  return [
    ...(isPrivate
      ? ["Microsoft.Network/privateEndpoints/write", `${ml}/provisionManagedNetwork/action`, ...zoneActions(network)]
      : []),
    ...(isPrivate && network.subnetId === undefined ? ["Microsoft.Network/virtualNetworks/write"] : []),
    ...(isPrivate && existing.containerRegistryId === undefined
      ? ["Microsoft.ContainerRegistry/registries/write"]
      : []),
    ...(encryption ? ["Microsoft.ManagedIdentity/userAssignedIdentities/write"] : []),
    ...(monitoring.diagnostics ? ["Microsoft.Insights/diagnosticSettings/write"] : []),
    ...(monitoring.emails.length > 0
      ? ["Microsoft.Insights/actionGroups/write", "Microsoft.Insights/metricAlerts/write"]
      : []),
    ...(monitoring.monthlyBudget === undefined ? [] : ["Microsoft.Consumption/budgets/write"]),
    ...(protection.locks ? ["Microsoft.Authorization/locks/write"] : []),
  ];
}

/** Zones that are there, all of them, are linked to the network and stay as they are. */
function zoneActions({ dnsZones }: StackConfig["network"]): string[] {
  const needed = (Object.keys(zoneNames) as Zone[]).filter((zone) => zone !== "postgres");
  const isComplete = needed.every((zone) => dnsZones[zone] !== undefined);
  return isComplete ? [] : ["Microsoft.Network/privateDnsZones/write"];
}

/** On the registry through which champions are shared, whose owner gives the rights to it. */
export function registryActions({ model }: StackConfig): string[] {
  const assets = "Microsoft.MachineLearningServices/registries/assets";
  return [
    ...(model.source === "registry" || model.registry?.publish ? [`${assets}/read`] : []),
    ...(model.registry?.publish ? [`${assets}/write`] : []),
  ];
}

function trainingActions({ model, training }: StackConfig): string[] {
  return [
    `${ml}/models/versions/write`,
    ...(model.source === "train" ? [`${ml}/jobs/write`] : []),
    ...(training.schedule ? [`${ml}/schedules/write`] : []),
  ];
}

function servingActions({ serving }: StackConfig): string[] {
  const { existingCluster } = serving;
  return [
    `${ml}/environments/versions/write`,
    `${ml}/codes/versions/write`,
    `${ml}/onlineEndpoints/write`,
    `${ml}/onlineEndpoints/deployments/write`,
    ...(serving.authMode === "key"
      ? [`${ml}/onlineEndpoints/listKeys/action`, "Microsoft.KeyVault/vaults/secrets/write"]
      : []),
    ...(serving.batch ? [`${ml}/batchEndpoints/write`, `${ml}/batchEndpoints/deployments/write`] : []),
    ...(serving.kind === "kubernetes"
      ? [
          `${ml}/computes/write`,
          `${aks}/runCommand/action`,
          `${aks}/trustedAccessRoleBindings/write`,
          ...(existingCluster ? [] : [`${aks}/write`]),
          ...(existingCluster?.extensionInstalled ? [] : ["Microsoft.KubernetesConfiguration/extensions/write"]),
        ]
      : []),
  ];
}

/** Of a Label Studio of the stack's own. */
function labelingActions({ labeling, network }: StackConfig): string[] {
  if (labeling.host !== "azure") return [];
  const database = "Microsoft.DBforPostgreSQL/flexibleServers";
  const hasNetwork = network.access === "private" && network.subnetId !== undefined;
  // In a private network the containers have a zone of their own.
  const hasZones = network.access === "public" && network.dnsZones.postgres !== undefined;
  return [
    "Microsoft.App/managedEnvironments/write",
    "Microsoft.App/containerApps/write",
    "Microsoft.App/containerApps/authConfigs/write",
    `${database}/write`,
    `${database}/configurations/write`,
    `${database}/databases/write`,
    "Microsoft.KeyVault/vaults/secrets/write",
    "Microsoft.ManagedIdentity/userAssignedIdentities/write",
    "Microsoft.Insights/diagnosticSettings/write",
    "Microsoft.Network/privateEndpoints/write",
    ...(hasZones ? [] : ["Microsoft.Network/privateDnsZones/write"]),
    ...(hasNetwork ? [] : ["Microsoft.Network/virtualNetworks/write"]),
  ];
}

/** Resource providers that have to be registered. */
export function namespacesOf(plan: Plan): string[] {
  const named = plannedActions(plan).map(({ action }) => action.split("/")[0] ?? "");
  const builtIn = new Set(["Microsoft.Resources", "Microsoft.Authorization"]);
  const used = plan.config.serving.kind === "kubernetes" ? behind : behind.slice(-1);
  return [...new Set([...named, ...used])].filter((namespace) => !builtIn.has(namespace));
}
