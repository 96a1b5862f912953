import type { PlatformFacts } from "../lib/summary";

/** The stack's output as far as the local commands show it. */
export interface Platform extends PlatformFacts {
  workspace: { name: string; id: string; trackingUri: string };
  compute: { name: string; vmSize: string; state: string };
  endpoint: PlatformFacts["endpoint"] & { authMode: string; deployment: string };
}

const machineLearning = "2025-12-01";

/** ARM path and api-version of the endpoint's keys. */
export function endpointKeysPath({ workspace, endpoint }: Platform): [path: string, apiVersion: string] {
  return [`${workspace.id}/onlineEndpoints/${endpoint.name}/listKeys`, machineLearning];
}
