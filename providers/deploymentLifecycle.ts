import { messageOf } from "../lib/errors";
import { isDeepStrictEqual } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import { apiVersions, ArmClient, ArmRequestError, type ArmResource } from "../lib/azure/arm";
import { whenEndpointSettles, type EndpointProperties } from "../lib/azure/endpoints";
import { defineLifecycle, PartialFailure } from "./lifecycle";

interface Inputs {
  endpointId: string;
  deploymentName: string;
  location: string;
  /** Replicas at the start; batch deployments have none. */
  capacity?: number;
  tags: Record<string, string>;
  /** Whether the endpoint's traffic sees to its end, since it is kept for a while without traffic. */
  endsWithTraffic: boolean;
  properties: Record<string, unknown>;
}

interface Outputs extends Inputs {
  deploymentId: string;
  /** Provisioning state; "Succeeded" is the only one that may have traffic. */
  state: string;
  /** What the service answers for the properties that were sent: it may write them otherwise ("PT60S", "PT1M"). */
  applied: Record<string, unknown>;
  /** Whether somebody changed them since. */
  edited: boolean;
}

interface DeploymentProperties {
  provisioningState: string;
  [key: string]: unknown;
}

type Deployment = ArmResource<DeploymentProperties>;

/** The service itself gives up on a deployment before that. */
const longestProvisioningMs = 2 * 60 * 60_000;
const pollMs = 2_000;
const loggedLines = 20;
const ended = new Set(["Succeeded", "Failed", "Canceled"]);

const { machineLearning } = apiVersions;

function idOf({ endpointId, deploymentName }: Inputs): string {
  return `${endpointId}/deployments/${deploymentName}`;
}

function outputsOf(inputs: Inputs, { properties }: Deployment): Outputs {
  return {
    ...inputs,
    deploymentId: idOf(inputs),
    state: properties.provisioningState,
    applied: appliedOf(inputs, properties),
    edited: false,
  };
}

function appliedOf(inputs: Inputs, properties: DeploymentProperties): Record<string, unknown> {
  return Object.fromEntries(Object.keys(inputs.properties).map((key) => [key, properties[key]]));
}

/** The deployment once nothing is being done to it; undefined when there is none. */
async function settled(arm: ArmClient, id: string): Promise<Deployment | undefined> {
  for (const deadline = Date.now() + longestProvisioningMs; ; await sleep(pollMs)) {
    const deployment = await arm.get<DeploymentProperties>(id, machineLearning);
    if (!deployment || ended.has(deployment.properties.provisioningState)) return deployment;
    if (Date.now() > deadline)
      throw new Error(
        `Deployment ${deployment.name} has been ${deployment.properties.provisioningState} for ` +
          `${longestProvisioningMs / 3_600_000} hours. Delete it in the studio, and run "pulumi up" again.`,
      );
  }
}

async function put(arm: ArmClient, inputs: Inputs): Promise<Outputs> {
  const { location, capacity, tags, properties } = inputs;
  const id = idOf(inputs);
  try {
    const sku = capacity === undefined ? undefined : { name: "Default", capacity };
    const body = { location, tags, sku, properties };
    await whenEndpointSettles(() => arm.put(id, machineLearning, body));
  } catch (error) {
    throw await failureOf(arm, inputs, error);
  }
  const deployment = await settled(arm, id);
  if (!deployment) throw new Error(`Deployment ${id} was gone right after it had been made. Run "pulumi up" again.`);
  if (deployment.properties.provisioningState !== "Succeeded")
    throw await failureOf(arm, inputs, new Error(`it ended as ${deployment.properties.provisioningState}`));
  console.log(`Deployment ${inputs.deploymentName}: ${deployment.properties.provisioningState}`);
  return outputsOf(inputs, deployment);
}

/** The reason with the end of the container's log; the state keeps a deployment that is there but does not serve. */
async function failureOf(arm: ArmClient, inputs: Inputs, cause: unknown): Promise<unknown> {
  const id = idOf(inputs);
  const deployment = await arm.get<DeploymentProperties>(id, machineLearning).catch(() => undefined);
  if (!deployment) return cause;
  const reason = messageOf(cause);
  const log = await arm
    .post<{ content?: string }>(`${id}/getLogs`, machineLearning, { tail: loggedLines })
    .catch((error: unknown) => {
      if (error instanceof ArmRequestError) return { content: undefined };
      throw error;
    });
  const lines = log.content?.trimEnd().split("\n").slice(-loggedLines).join("\n");
  return new PartialFailure(
    id,
    outputsOf(inputs, deployment),
    `Deployment ${inputs.deploymentName} does not serve: ${reason}` +
      (lines ? `\nEnd of its log:\n${lines}` : "") +
      '\nWhat served before goes on serving. Correct the cause and run "pulumi up", or set model.rollbackTo.',
  );
}

/**
 * Makes the deployment be there and serve. Its name is made of its content, so one that serves under it is the one that is
 * wanted, whoever made it, unless it was edited since; one that failed is made anew, since the service does not repair it.
 */
async function ensure(inputs: Inputs, edited: boolean): Promise<Outputs> {
  const arm = await ArmClient.connect();
  const id = idOf(inputs);
  const existing = await settled(arm, id);
  const serves = existing?.properties.provisioningState === "Succeeded";
  if (existing && serves && !edited) {
    await tag(arm, inputs, existing);
    return outputsOf(inputs, existing);
  }
  if (existing && !serves) await whenEndpointSettles(() => arm.delete(id, machineLearning));
  return put(arm, inputs);
}

/** Writes tags that are new, beside those that others gave it; its replicas go on. */
async function tag(arm: ArmClient, inputs: Inputs, { tags = {} }: Deployment): Promise<void> {
  if (Object.entries(inputs.tags).every(([name, value]) => tags[name] === value)) return;
  const body = { tags: { ...tags, ...inputs.tags } };
  await whenEndpointSettles(() => arm.patch(idOf(inputs), machineLearning, body));
}

/**
 * The lifecycle of a deployment of an endpoint.
 * @param useOf how requests reach it, in words; undefined when none do that do not name it
 */
export function deploymentLifecycle(useOf: (endpoint: EndpointProperties, deployment: string) => string | undefined) {
  return defineLifecycle<Inputs, Outputs>({
    replaceOn: ["endpointId", "deploymentName"],
    ignoreChangesOf: ["endsWithTraffic"],

    unfinished: ({ state, edited }) => state !== "Succeeded" || edited,

    async create(inputs) {
      return { id: idOf(inputs), outputs: await ensure(inputs, false) };
    },

    async read(id, state) {
      const deployment = await (await ArmClient.connect()).get<DeploymentProperties>(id, machineLearning);
      if (!deployment) return undefined;
      const { provisioningState } = deployment.properties;
      return {
        ...state,
        state: provisioningState,
        edited: !isDeepStrictEqual(plain(appliedOf(state, deployment.properties)), plain(state.applied)),
      };
    },

    async update(_id, inputs, { edited }) {
      return ensure(inputs, edited);
    },

    /**
     * One that is in use stays: it was taken up again, by a rollback to it or by hand, after the state had given it up.
     * The service would refuse, and `up` could not end. One that is kept for a while ends with its traffic's resource, or
     * with the endpoint.
     */
    async delete(id, { endpointId, deploymentName, endsWithTraffic }) {
      if (endsWithTraffic) return;
      const arm = await ArmClient.connect();
      const endpoint = await arm.get<EndpointProperties>(endpointId, machineLearning);
      if (!endpoint) return;
      const use = useOf(endpoint.properties, deploymentName);
      if (use !== undefined) return console.log(`Deployment ${deploymentName} stays: it ${use}`);
      await whenEndpointSettles(() => arm.delete(id, machineLearning));
    },
  });
}

/** As it is in the state, which has no undefined values. */
function plain(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}
