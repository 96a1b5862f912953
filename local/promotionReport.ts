import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LocalClient } from "./client";
import type { CloudRecord } from "./environment";
import type { Platform } from "./platform";

/** Fetches the report of the gate's last decision, which a browser could not: it takes a token. Undefined when there is none. */
export async function fetchReport(
  record: CloudRecord,
  { workspace, promotion }: Platform,
  folder: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const path = /\/ExperimentRun\/dcid\.[^?]+/.exec(promotion.report ?? "")?.[0];
  if (path === undefined) return undefined;
  const client = await LocalClient.connect(record, signal);
  try {
    const page = await client.text(`/mlflow/v1.0${workspace.id}/api/2.0/mlflow-artifacts/artifacts${path}`);
    if (page === undefined) return undefined;
    await mkdir(folder, { recursive: true });
    const file = join(folder, "promotion-report.html");
    await writeFile(file, page);
    return file;
  } finally {
    await client.close();
  }
}
