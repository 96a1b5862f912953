import { isDeepStrictEqual } from "node:util";
import { apiVersions, type ArmClient } from "../../lib/azure/arm";
import { getEndpoint, sharesOf, whenEndpointSettles, type Endpoint } from "../../lib/azure/endpoints";
import { UserError } from "../../lib/errors";

/** Percent by deployment; sums to 0 or 100. */
export type Shares = Record<string, number>;

/** Once to set, once to read back, and as often again for somebody else's change in between. */
const rounds = 4;

/** Sets the traffic, in one request for all deployments, and reads it back. */
export async function setTraffic(arm: ArmClient, endpointId: string, traffic: Shares): Promise<Endpoint> {
  let found: Shares | undefined;
  for (let round = 0; round < rounds; round++) {
    const settled = await whenEndpointSettles(async () => {
      const endpoint = await getEndpoint(arm, endpointId);
      const { location, tags, identity, sku, kind, properties } = endpoint;
      found = sharesOf(properties.traffic);
      if (isDeepStrictEqual(found, sharesOf(traffic)) && properties.provisioningState === "Succeeded") return endpoint;
      const body = { location, tags, identity, sku, kind, properties: { ...properties, traffic: sharesOf(traffic) } };
      await arm.put(endpointId, apiVersions.machineLearning, body);
      return undefined;
    });
    if (settled) return settled;
  }
  throw new UserError(
    `The traffic of ${endpointId} was set to ${JSON.stringify(traffic)} ${rounds - 1} times and reads ` +
      `${JSON.stringify(found)}. Somebody else sets it, too: end that, and run "pulumi up" again.`,
  );
}

/**
 * What serves beside the new deployment, as shares of 100: where a rollout begins, and what it goes back to. Empty when
 * nothing else serves. Shares are whole numbers, and the largest takes what rounding leaves.
 */
export function servingWithout(traffic: Shares, deployment: string): Shares {
  const others = Object.entries(sharesOf(traffic)).filter(([name]) => name !== deployment);
  return scaled(Object.fromEntries(others), 100);
}

/** The weights of a step: the new deployment's share, and the rest for what serves, in its own proportions. */
export function stepTraffic(serving: Shares, deployment: string, share: number): Shares {
  return sharesOf({ ...scaled(serving, 100 - share), [deployment]: share });
}

function scaled(shares: Shares, total: number): Shares {
  const sum = Object.values(shares).reduce((all, share) => all + share, 0);
  if (sum === 0) return {};
  const entries = Object.entries(shares).sort(([, a], [, b]) => a - b);
  let left = total;
  return Object.fromEntries(
    entries.map(([name, share], index) => {
      const own = index === entries.length - 1 ? left : Math.floor((share * total) / sum);
      left -= own;
      return [name, own];
    }),
  );
}
