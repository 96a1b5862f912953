import { LocalClient } from "./client";
import { cloudEnvironment, type CloudRecord } from "./environment";

interface Listed {
  value: { id: string; name: string; properties: Record<string, unknown> }[];
}

const versions = { groups: "2024-03-01", machineLearning: "2025-12-01" };

/** `export NAME='VALUE'` lines that point any Azure client of a shell at the local cloud, and at what is deployed there. */
export async function exportLines(record: CloudRecord): Promise<string> {
  const client = await LocalClient.connect(record);
  try {
    const variables = { ...cloudEnvironment(record), ...(await deployed(client, record)) };
    return Object.entries(variables)
      .map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'`)
      .join("\n");
  } finally {
    await client.close();
  }
}

/** The first resource group with a workspace, and what is in it. */
async function deployed(client: LocalClient, { subscriptionId }: CloudRecord): Promise<Record<string, string>> {
  const groups = await client.arm<Listed>("GET", `/subscriptions/${subscriptionId}/resourceGroups`, versions.groups);
  for (const group of groups?.value ?? []) {
    const found = await client.arm<Listed>(
      "GET",
      `${group.id}/providers/Microsoft.MachineLearningServices/workspaces`,
      versions.machineLearning,
    );
    const [workspace] = found?.value ?? [];
    if (!workspace) continue;
    return {
      AZURE_RESOURCE_GROUP: group.name,
      AZURE_ML_WORKSPACE: workspace.name,
      AZURE_STORAGE_ACCOUNT: String(workspace.properties.storageAccount).split("/").at(-1) ?? "",
      MLFLOW_TRACKING_URI: String(workspace.properties.mlFlowTrackingUri),
      ...(await scoring(client, workspace.id)),
    };
  }
  return {};
}

async function scoring(client: LocalClient, workspaceId: string): Promise<Record<string, string>> {
  const found = await client.arm<Listed>("GET", `${workspaceId}/onlineEndpoints`, versions.machineLearning);
  const [endpoint] = found?.value ?? [];
  if (!endpoint || endpoint.properties.authMode !== "Key") return {};
  const keys = await client.arm<{ primaryKey: string }>("POST", `${endpoint.id}/listKeys`, versions.machineLearning);
  return { SCORING_URI: String(endpoint.properties.scoringUri), ...(keys ? { SCORING_KEY: keys.primaryKey } : {}) };
}
