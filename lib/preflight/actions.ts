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
  const { serving, labeling, compute, onDestroy } = config;
  const actions = [
    "Microsoft.Resources/subscriptions/resourceGroups/write",
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.Storage/storageAccounts/write",
    "Microsoft.Storage/storageAccounts/blobServices/containers/write",
    "Microsoft.KeyVault/vaults/write",
    "Microsoft.OperationalInsights/workspaces/write",
    "Microsoft.Insights/components/write",
    `${ml}/write`,
    ...(compute.existing ? [`${ml}/computes/read`] : [`${ml}/computes/write`]),
    `${ml}/datastores/write`,
    `${ml}/data/versions/write`,
    `${ml}/environments/versions/write`,
    `${ml}/codes/versions/write`,
    `${ml}/jobs/write`,
    `${ml}/models/versions/write`,
    `${ml}/onlineEndpoints/write`,
    `${ml}/onlineEndpoints/deployments/write`,
    ...(serving.authMode === "key"
      ? [`${ml}/onlineEndpoints/listKeys/action`, "Microsoft.KeyVault/vaults/secrets/write"]
      : []),
    ...(labeling.service === "azureml" ? [`${ml}/labelingJobs/write`] : []),
    ...(serving.kind === "kubernetes"
      ? [
          `${ml}/computes/write`,
          `${aks}/runCommand/action`,
          `${aks}/trustedAccessRoleBindings/write`,
          ...(serving.existingCluster ? [] : [`${aks}/write`]),
          ...(serving.existingCluster?.extensionInstalled
            ? []
            : ["Microsoft.KubernetesConfiguration/extensions/write"]),
        ]
      : []),
  ];
  const purge = onDestroy === "purge" ? ["Microsoft.KeyVault/locations/deletedVaults/purge/action"] : [];
  return [
    ...[...new Set(actions)].map((action) => ({ action })),
    ...purge.map((action) => ({ action, ofSubscription: true })),
  ];
}

/** Resource providers that have to be registered. */
export function namespacesOf(plan: Plan): string[] {
  const named = plannedActions(plan).map(({ action }) => action.split("/")[0] ?? "");
  const builtIn = new Set(["Microsoft.Resources", "Microsoft.Authorization"]);
  const used = plan.config.serving.kind === "kubernetes" ? behind : behind.slice(-1);
  return [...new Set([...named, ...used])].filter((namespace) => !builtIn.has(namespace));
}
