import { apiVersions, ArmClient, type ArmResource } from "../../lib/azure/arm";
import { whenEndpointSettles } from "../../lib/azure/endpoints";
import { UserError } from "../../lib/errors";
import { defineLifecycle } from "../lifecycle";

interface Inputs {
  endpointId: string;
  deployment: string;
}

interface Outputs extends Inputs {
  /** The default deployment as it is; "" when there is none. */
  current: string;
  state: string;
  scoringUri: string;
}

interface EndpointProperties {
  provisioningState: string;
  scoringUri: string;
  defaults?: { deploymentName?: string };
  [key: string]: unknown;
}

type Endpoint = ArmResource<EndpointProperties>;

/** Once to set, once to read back, and as often again for somebody else's change in between. */
const rounds = 4;
const { machineLearning } = apiVersions;

function outputsOf(inputs: Inputs, { properties }: Endpoint): Outputs {
  const { defaults, provisioningState, scoringUri } = properties;
  return { ...inputs, current: defaults?.deploymentName ?? "", state: provisioningState, scoringUri };
}

/** Points the endpoint at the deployment, and reads it back. */
async function point(inputs: Inputs): Promise<Outputs> {
  const arm = await ArmClient.connect();
  const { endpointId, deployment } = inputs;
  let found: Outputs | undefined;
  for (let round = 0; round < rounds; round++) {
    found = await whenEndpointSettles(async () => {
      const endpoint = await arm.get<EndpointProperties>(endpointId, machineLearning);
      if (!endpoint)
        throw new UserError(`Batch endpoint ${endpointId} is not there. Run "pulumi refresh", then "pulumi up".`);
      const outputs = outputsOf(inputs, endpoint);
      if (outputs.current === deployment && outputs.state === "Succeeded") return outputs;
      const { location, tags, identity, sku, kind, properties } = endpoint;
      const defaults = { ...properties.defaults, deploymentName: deployment };
      const body = { location, tags, identity, sku, kind, properties: { ...properties, defaults } };
      await arm.put(endpointId, machineLearning, body);
      return outputs;
    });
    if (found.current === deployment && found.state === "Succeeded") {
      console.log(`Batch endpoint ${endpointId.split("/").at(-1)}: ${found.state}, default deployment ${deployment}`);
      return found;
    }
  }
  throw new UserError(
    `The default deployment of ${endpointId} was set to ${deployment} and reads "${found?.current}", state ` +
      `${found?.state}. Somebody else sets it, too: end that, and run "pulumi up" again.`,
  );
}

export const lifecycle = defineLifecycle<Inputs, Outputs>({
  replaceOn: ["endpointId"],
  unfinished: ({ current, deployment }) => current !== deployment,

  async create(inputs) {
    return { id: `${inputs.endpointId}/defaults`, outputs: await point(inputs) };
  },

  async read(_id, state) {
    const endpoint = await (await ArmClient.connect()).get<EndpointProperties>(state.endpointId, machineLearning);
    return endpoint && outputsOf(state, endpoint);
  },

  async update(_id, inputs) {
    return point(inputs);
  },

  // The endpoint goes with its default deployment: there is no state without one that would be safer.
  async delete() {},
});
