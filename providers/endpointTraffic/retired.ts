import { apiVersions, type ArmClient } from "../../lib/azure/arm";
import { sharesOf, whenEndpointSettles, type Endpoint } from "../../lib/azure/endpoints";
import { ownerTag } from "../../lib/serving/ownerTag";

/** When each deployment lost its traffic, as an ISO date. */
export type Retired = Record<string, string>;

/**
 * Deletes this stack's deployments that have had no traffic for the keep time, and answers those that are kept. A
 * deployment whose probe failed is kept for inspection as long as it is the wanted one.
 */
export async function clearRetired(
  arm: ArmClient,
  endpoint: Endpoint,
  wanted: string,
  owner: string,
  known: Retired,
  keepMinutes: number,
): Promise<Retired> {
  const traffic = sharesOf(endpoint.properties.traffic);
  const kept: Retired = {};
  for await (const { id, name, tags } of arm.list(`${endpoint.id}/deployments`, apiVersions.machineLearning)) {
    if (name === wanted || traffic[name] !== undefined || tags?.[ownerTag] !== owner) continue;
    const since = known[name] ?? new Date().toISOString();
    if (isDue(since, keepMinutes)) {
      await whenEndpointSettles(() => arm.delete(id, apiVersions.machineLearning));
      console.log(`Deployment ${name}: deleted, it has had no traffic since ${since}`);
    } else kept[name] = since;
  }
  return kept;
}

export function isDue(since: string, keepMinutes: number): boolean {
  return Date.now() - Date.parse(since) >= keepMinutes * 60_000;
}
