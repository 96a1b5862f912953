/** Zones in which the private addresses of a service are found: https://learn.microsoft.com/azure/private-link/private-endpoint-dns */
export const zoneNames = {
  blob: "privatelink.blob.core.windows.net",
  file: "privatelink.file.core.windows.net",
  vault: "privatelink.vaultcore.azure.net",
  workspace: "privatelink.api.azureml.ms",
  notebooks: "privatelink.notebooks.azure.net",
  registry: "privatelink.azurecr.io",
  postgres: "privatelink.postgres.database.azure.com",
} as const;

export type Zone = keyof typeof zoneNames;
