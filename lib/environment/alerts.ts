/** A metric that somebody is told of. */
export interface Alert {
  name: string;
  /** Whose metric it is. */
  watched: "workspace" | "vault" | "storage" | "endpoint";
  description: string;
  namespace: string;
  metric: string;
  aggregation: "Total" | "Average";
  operator: "GreaterThan" | "LessThan";
  threshold: number;
  /** ISO 8601. */
  window: string;
  severity: 1 | 2 | 3;
  dimension?: { name: string; values: string[] };
}

/** https://learn.microsoft.com/azure/machine-learning/monitor-azure-machine-learning-reference, and those of the other services */
export const alerts: readonly Alert[] = [
  {
    name: "failed-requests",
    watched: "endpoint",
    description: "Requests to the endpoint fail",
    namespace: "Microsoft.MachineLearningServices/workspaces/onlineEndpoints",
    metric: "RequestsPerMinute",
    aggregation: "Average",
    operator: "GreaterThan",
    threshold: 1,
    window: "PT5M",
    severity: 1,
    dimension: { name: "statusCodeClass", values: ["5xx"] },
  },
  {
    name: "failed-jobs",
    watched: "workspace",
    description: "A training job failed",
    namespace: "Microsoft.MachineLearningServices/workspaces",
    metric: "Failed Runs",
    aggregation: "Total",
    operator: "GreaterThan",
    threshold: 0,
    window: "PT1H",
    severity: 3,
  },
  {
    name: "storage-availability",
    watched: "storage",
    description: "The storage account does not answer as it should",
    namespace: "Microsoft.Storage/storageAccounts",
    metric: "Availability",
    aggregation: "Average",
    operator: "LessThan",
    threshold: 99,
    window: "PT15M",
    severity: 2,
  },
  {
    name: "vault-availability",
    watched: "vault",
    description: "The vault does not answer as it should",
    namespace: "Microsoft.KeyVault/vaults",
    metric: "Availability",
    aggregation: "Average",
    operator: "LessThan",
    threshold: 99,
    window: "PT15M",
    severity: 2,
  },
];
