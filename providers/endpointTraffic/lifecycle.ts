import { isDeepStrictEqual } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import { apiVersions, ArmClient, ArmRequestError, type ArmResource } from "../../lib/azure/arm";
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

interface EndpointProperties {
  provisioningState: string;
  traffic?: Record<string, number>;
  scoringUri: string;
  swaggerUri: string;
  [key: string]: unknown;
}

type Endpoint = ArmResource<EndpointProperties>;

/** How long the endpoint may take to leave Updating, or a deployment to be seen by it. */
const settleMs = 10 * 60_000;
const pauseMs = 2_000;

async function getEndpoint(arm: ArmClient, id: string): Promise<Endpoint> {
  const endpoint = await arm.get<EndpointProperties>(id, apiVersions.machineLearning);
  if (!endpoint) throw new UserError(`Endpoint ${id} is not there. Run "pulumi refresh", then "pulumi up".`);
  return endpoint;
}

/**
 * Sets the traffic and reads it back. Right after a deployment the service may answer that the endpoint is Updating (409)
 * or that the deployment is not found, although both have just been reported as done: bounded retries.
 */
async function setTraffic(arm: ArmClient, { endpointId, traffic }: Inputs): Promise<Endpoint> {
  const deadline = Date.now() + settleMs;
  for (;;) {
    const { location, tags, identity, sku, kind, properties } = await getEndpoint(arm, endpointId);
    if (
      isDeepStrictEqual(withoutZeros(properties.traffic), withoutZeros(traffic)) &&
      properties.provisioningState === "Succeeded"
    )
      break;
    try {
      const body = { location, tags, identity, sku, kind, properties: { ...properties, traffic } };
      await arm.put(endpointId, apiVersions.machineLearning, body);
    } catch (error) {
      const race =
        error instanceof ArmRequestError && (error.status === 409 || /not found in endpoint/i.test(error.message));
      if (!race || Date.now() > deadline) throw error;
      await sleep(pauseMs);
    }
  }
  return getEndpoint(arm, endpointId);
}

function withoutZeros(traffic: Record<string, number> = {}): Record<string, number> {
  return Object.fromEntries(Object.entries(traffic).filter(([, share]) => share !== 0));
}

function outputsOf(inputs: Inputs, { properties }: Endpoint): Outputs {
  return {
    ...inputs,
    traffic: withoutZeros(properties.traffic),
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
