import { isDeepStrictEqual } from "node:util";
import { apiVersions, ArmClient } from "../../lib/azure/arm";
import { sharesOf, whenEndpointSettles, type Endpoint, type EndpointProperties } from "../../lib/azure/endpoints";
import { UserError } from "../../lib/errors";
import { defineLifecycle } from "../lifecycle";

interface Inputs {
  endpointId: string;
  traffic: Record<string, number>;
}

interface Outputs extends Inputs {
  state: string;
  scoringUri: string;
  swaggerUri: string;
}

/** Once to set, once to read back, and as often again for somebody else's change in between. */
const rounds = 4;

async function getEndpoint(arm: ArmClient, id: string): Promise<Endpoint> {
  const endpoint = await arm.get<EndpointProperties>(id, apiVersions.machineLearning);
  if (!endpoint) throw new UserError(`Endpoint ${id} is not there. Run "pulumi refresh", then "pulumi up".`);
  return endpoint;
}

/** Sets the traffic and reads it back. */
async function setTraffic(arm: ArmClient, { endpointId, traffic }: Inputs): Promise<Endpoint> {
  let found: Record<string, number> | undefined;
  for (let round = 0; round < rounds; round++) {
    const settled = await whenEndpointSettles(async () => {
      const endpoint = await getEndpoint(arm, endpointId);
      const { location, tags, identity, sku, kind, properties } = endpoint;
      found = sharesOf(properties.traffic);
      if (isDeepStrictEqual(found, sharesOf(traffic)) && properties.provisioningState === "Succeeded") return endpoint;
      const body = { location, tags, identity, sku, kind, properties: { ...properties, traffic } };
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

function outputsOf(inputs: Inputs, { properties }: Endpoint): Outputs {
  return {
    ...inputs,
    traffic: sharesOf(properties.traffic),
    state: properties.provisioningState,
    scoringUri: properties.scoringUri,
    swaggerUri: properties.swaggerUri,
  };
}

async function apply(inputs: Inputs): Promise<Outputs> {
  const endpoint = await setTraffic(await ArmClient.connect(), inputs);
  const name = inputs.endpointId.split("/").at(-1);
  console.log(
    `Endpoint ${name}: ${endpoint.properties.provisioningState}, traffic ${JSON.stringify(endpoint.properties.traffic)}`,
  );
  return outputsOf(inputs, endpoint);
}

export const lifecycle = defineLifecycle<Inputs, Outputs>({
  replaceOn: ["endpointId"],

  async create(inputs) {
    return { id: `${inputs.endpointId}/traffic`, outputs: await apply(inputs) };
  },

  async read(_id, state) {
    const endpoint = await (
      await ArmClient.connect()
    ).get<EndpointProperties>(state.endpointId, apiVersions.machineLearning);
    return endpoint ? outputsOf(state, endpoint) : undefined;
  },

  async update(_id, inputs) {
    return apply(inputs);
  },

  /** A deployment cannot be deleted while it has traffic, so all of it is taken away first. */
  async delete(_id, state) {
    const arm = await ArmClient.connect();
    const endpoint = await arm.get<EndpointProperties>(state.endpointId, apiVersions.machineLearning);
    if (endpoint) await setTraffic(arm, { endpointId: state.endpointId, traffic: {} });
  },
});
