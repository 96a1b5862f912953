import { LocalClient } from "./client";
import { cloudEnvironment, type CloudRecord } from "./environment";

interface Listed {
  value: { id: string; name: string; properties: Record<string, unknown> }[];
}

const versions = { groups: "2024-03-01", machineLearning: "2025-12-01" };

/** The variables as lines of a shell. */
export function exportLines(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'`)
    .join("\n");
}

/** What points any Azure client at the local cloud, and at what is deployed there. */
export async function clientEnvironment(record: CloudRecord): Promise<Record<string, string>> {
  const client = await LocalClient.connect(record);
  try {
    return { ...cloudEnvironment(record), ...(await deployed(client, record)) };
  } finally {
    await client.close();
  }
}

/** The first resource group with a workspace, and what is in it. */
async function deployed(client: LocalClient, record: CloudRecord): Promise<Record<string, string>> {
  const { subscriptionId } = record;
  const groups = await client.arm<Listed>("GET", `/subscriptions/${subscriptionId}/resourceGroups`, versions.groups);
  for (const group of groups?.value ?? []) {
    const found = await client.arm<Listed>(
      "GET",
      `${group.id}/providers/Microsoft.MachineLearningServices/workspaces`,
      versions.machineLearning,
    );
    const [workspace] = found?.value ?? [];
    if (!workspace) continue;
    const account = String(workspace.properties.storageAccount).split("/").at(-1) ?? "";
    return {
      AZURE_RESOURCE_GROUP: group.name,
      AZURE_ML_WORKSPACE: workspace.name,
      AZURE_STORAGE_ACCOUNT: account,
      AZURE_STORAGE_BLOB_ENDPOINT: `${record.blobUrl}/${account}/`,
      MLFLOW_TRACKING_URI: String(workspace.properties.mlFlowTrackingUri),
      ...(await scoring(client, workspace.id)),
    };
  }
  return {};
}

/** Where the first endpoint answers, with its key, or with a token of an hour where it takes tokens. */
async function scoring(client: LocalClient, workspaceId: string): Promise<Record<string, string>> {
  const found = await client.arm<Listed>("GET", `${workspaceId}/onlineEndpoints`, versions.machineLearning);
  const [endpoint] = found?.value ?? [];
  if (!endpoint) return {};
  const action = String(endpoint.properties.authMode).toLowerCase() === "key" ? "listKeys" : "token";
  const secrets = await client.arm<{ primaryKey?: string; accessToken?: string }>(
    "POST",
    `${endpoint.id}/${action}`,
    versions.machineLearning,
  );
  const secret = secrets?.primaryKey ?? secrets?.accessToken;
  return { SCORING_URI: String(endpoint.properties.scoringUri), ...(secret ? { SCORING_KEY: secret } : {}) };
}
