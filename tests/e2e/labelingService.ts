import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ensureCredentials } from "../../local/labeling/credentials";
import type { LabelingRecord } from "../../local/labeling/control";
import type { FakeStudio } from "../lib/labeling/studio";
import type { LocalProject } from "./local";

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
export function clientSecretIn(project: LocalProject): Promise<string> {
  return project.withClient(async (client, { subscriptionId, tenantId }) => {
    const group = `/subscriptions/${subscriptionId}/resourceGroups/apps`;
    const vault = `${group}/providers/Microsoft.KeyVault/vaults/kv-apps`;
    const location = "eastus2";
    const sku = { family: "A", name: "standard" };
    await client.arm("PUT", group, "2024-03-01", { location });
    await client.arm("PUT", vault, "2024-11-01", {
      location,
      properties: { tenantId, sku, enableRbacAuthorization: true },
    });
    await client.arm("PUT", `${vault}/secrets/labels`, "2024-11-01", { properties: { value: "hush" } });
    return `${vault}/secrets/labels`;
  });
}
