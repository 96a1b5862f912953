import { apiVersions, ArmClient } from "../../lib/azure/arm";
import { sharesOf, type Endpoint, type EndpointProperties } from "../../lib/azure/endpoints";
import { defineLifecycle, PartialFailure } from "../lifecycle";
import { clearRetired, isDue, type Retired } from "./retired";
import type { ProbeData } from "./prober";
import { rollOut, type RolloutRules, type StepRecord } from "./rollout";
import { setTraffic, type Shares } from "./traffic";

interface Inputs {
  endpointId: string;
  deployment: string;
  owner: string;
  rules: RolloutRules;
  /** Null when nothing is probed. */
  probes: ProbeData | null;
  keepMinutes: number;
}

interface Outputs extends Inputs {
  traffic: Shares;
  state: string;
  scoringUri: string;
  swaggerUri: string;
  /** What the probes of the last rollout said. */
  steps: StepRecord[];
  retired: Retired;
}

function observed({ properties }: Endpoint) {
  return {
    traffic: sharesOf(properties.traffic),
    state: properties.provisioningState,
    scoringUri: properties.scoringUri,
    swaggerUri: properties.swaggerUri,
  };
}

function idOf({ endpointId }: Inputs): string {
  return `${endpointId}/traffic`;
}

async function apply(inputs: Inputs, before?: Outputs): Promise<Outputs> {
  const { endpointId, deployment, owner, rules, probes, keepMinutes } = inputs;
  const arm = await ArmClient.connect();
  const { endpoint, steps, failure } = await rollOut(arm, endpointId, deployment, rules, probes ?? undefined);
  const outputs = {
    ...inputs,
    ...observed(endpoint),
    steps: steps.length > 0 ? steps : (before?.steps ?? []),
    retired: before?.retired ?? {},
  };
  if (failure !== undefined) {
    throw new PartialFailure(
      idOf(inputs),
      outputs,
      `Deployment ${deployment} did not pass its probes ${failure}.\nThe traffic is ${JSON.stringify(outputs.traffic)} again; ` +
        `${deployment} stays without traffic, for inspection. "pulumi up" tries again; set model.rollbackTo to stay with ` +
        "the champion before, or change the rules under serving.rollout.",
    );
  }
  console.log(`Endpoint ${endpoint.name}: ${outputs.state}, traffic ${JSON.stringify(outputs.traffic)}`);
  return { ...outputs, retired: await clearRetired(arm, endpoint, deployment, owner, outputs.retired, keepMinutes) };
}

export const lifecycle = defineLifecycle<Inputs, Outputs>({
  replaceOn: ["endpointId"],
  // They say how the next rollout is done, which is no change of what serves.
  ignoreChangesOf: ["rules", "probes", "keepMinutes"],
  stateDefaults: { steps: [], retired: {} },

  unfinished: ({ deployment, traffic, retired, keepMinutes }) =>
    traffic[deployment] !== 100 || Object.values(retired).some((since) => isDue(since, keepMinutes)),

  async create(inputs) {
    return { id: idOf(inputs), outputs: await apply(inputs) };
  },

  async read(_id, state) {
    const endpoint = await (
      await ArmClient.connect()
    ).get<EndpointProperties>(state.endpointId, apiVersions.machineLearning);
    return endpoint ? { ...state, ...observed(endpoint) } : undefined;
  },

  async update(_id, inputs, before) {
    return apply(inputs, before);
  },

  /** A deployment cannot be deleted while it has traffic, so all of it is taken away first. */
  async delete(_id, { endpointId }) {
    const arm = await ArmClient.connect();
    if (await arm.get(endpointId, apiVersions.machineLearning)) await setTraffic(arm, endpointId, {});
  },
});
