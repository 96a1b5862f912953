/**
 * The api-versions that clients may ask a namespace for, besides the one of the resource table: those that azure-native
 * names as others of the types in use, and those of the clients that tests/clients runs. What is stored and answered is the
 * same in all of them.
 */
const namespaces: Readonly<Record<string, string>> = {
  "Microsoft.Resources":
    "2020-06-01 2020-10-01 2021-01-01 2021-04-01 2022-09-01 2023-07-01 2024-03-01 2024-07-01 2024-11-01 2025-03-01 2025-04-01",
  "Microsoft.Storage":
    "2022-09-01 2023-01-01 2023-04-01 2023-05-01 2024-01-01 2025-01-01 2025-06-01 2025-08-01 2026-04-01 2026-09-01",
  "Microsoft.KeyVault": "2023-02-01 2023-07-01 2024-11-01 2025-05-01 2026-02-01",
  "Microsoft.Authorization": "2020-08-01-preview 2020-10-01-preview 2022-04-01",
  "Microsoft.ManagedIdentity": "2022-01-31-preview 2023-01-31 2023-07-31-preview 2024-11-30",
  "Microsoft.OperationalInsights": "2020-08-01 2020-10-01 2021-06-01 2022-10-01 2023-09-01 2025-02-01 2025-07-01",
  "Microsoft.Insights": "2020-02-02-preview 2020-02-02",
  "Microsoft.ContainerService": "2024-02-01 2024-08-01 2024-09-01 2025-10-01 2026-04-01",
  "Microsoft.MachineLearningServices":
    "2020-06-01 2020-08-01 2021-01-01 2021-03-01-preview 2021-04-01 2021-07-01 2022-01-01-preview " +
    "2022-02-01-preview 2022-05-01 2022-06-01-preview 2022-10-01 2022-10-01-preview 2022-12-01-preview 2023-02-01-preview " +
    "2023-04-01 2023-04-01-preview 2023-06-01-preview 2023-08-01-preview 2023-10-01 2024-01-01-preview 2024-04-01 " +
    "2024-07-01-preview 2024-10-01 2024-10-01-preview 2025-01-01-preview 2025-04-01 2025-04-01-preview 2025-06-01 " +
    "2025-07-01-preview 2025-09-01 2025-10-01-preview 2025-12-01 2026-01-15-preview 2026-03-01 2026-03-15-preview " +
    "2026-05-01 2026-05-01-preview 2026-05-15-preview",
};

export function apiVersionsOf(type: string, own: string): string[] {
  const others = namespaces[type.split("/")[0] ?? ""]?.split(" ") ?? [];
  return [...new Set([...others, own])].sort();
}
