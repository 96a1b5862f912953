/** The stack's output as far as the local commands show it. */
export interface Platform {
  workspace: { name: string; id: string; trackingUri: string };
  compute: { name: string; vmSize: string; state: string };
  champion: {
    model: string;
    version: string;
    metric: string;
    value: number;
    job: string;
    bestChild: string;
    architecture: string;
    dataVersion: string;
    history: { version: string; value: number | null }[];
  };
  promotion: { promoted: boolean; outcome: string; reason: string; report: string | null };
  endpoint: {
    name: string;
    state: string;
    scoringUri: string;
    authMode: string;
    deployment: string;
    traffic: Record<string, number>;
  };
}

const machineLearning = "2025-12-01";

/** ARM path and api-version of the endpoint's keys. */
export function endpointKeysPath({ workspace, endpoint }: Platform): [path: string, apiVersion: string] {
  return [`${workspace.id}/onlineEndpoints/${endpoint.name}/listKeys`, machineLearning];
}
