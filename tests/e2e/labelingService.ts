import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LocalClient } from "../../local/client";
import { startCloud } from "../../local/emulator/control";
import { ensureCredentials } from "../../local/labeling/credentials";
import type { LabelingRecord } from "../../local/labeling/control";
import type { FakeStudio } from "../lib/labeling/studio";

/** Switches the local stacks of a state folder to a Label Studio, as `local:labeling` does. */
export async function standInStudio(root: string, studio: FakeStudio): Promise<void> {
  const folder = join(root, "labeling");
  await mkdir(folder, { recursive: true });
  await ensureCredentials(join(folder, "credentials.json"));
  const port = Number(new URL(studio.url).port);
  // No processes of ours, so that nobody ends them.
  const record: LabelingRecord = { pid: 2 ** 30, gatewayPid: 2 ** 30, port, imagesPort: port, startedAt: "" };
  await writeFile(join(folder, "service.json"), JSON.stringify(record));
}

/** The secret of an application of Entra ID, in a vault of the local cloud that no stack has made; answers its ARM id. */
export async function clientSecretIn(root: string): Promise<string> {
  const record = await startCloud(root);
  const client = await LocalClient.connect(record);
  const group = `/subscriptions/${record.subscriptionId}/resourceGroups/apps`;
  const vault = `${group}/providers/Microsoft.KeyVault/vaults/kv-apps`;
  const location = "eastus2";
  try {
    await client.arm("PUT", group, "2024-03-01", { location });
    await client.arm("PUT", vault, "2024-11-01", {
      location,
      properties: {
        tenantId: record.tenantId,
        sku: { family: "A", name: "standard" },
        enableRbacAuthorization: true,
      },
    });
    await client.arm("PUT", `${vault}/secrets/labels`, "2024-11-01", { properties: { value: "hush" } });
  } finally {
    await client.close();
  }
  return `${vault}/secrets/labels`;
}
