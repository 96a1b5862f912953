import { ArmClient } from "../../lib/azure/arm";
import { ClusterCommands } from "../../lib/azure/clusterCommand";
import { UserError } from "../../lib/errors";
import type { InstanceTypeSpec } from "../../lib/serving/instanceType";
import { defineLifecycle, PartialFailure } from "../lifecycle";
import { ServingObjects } from "./servingObjects";

interface Inputs {
  clusterId: string;
  owner: string;
  namespace: string;
  instanceTypes: Record<string, InstanceTypeSpec>;
}

interface Outputs extends Inputs {
  /** What is not as declared, one line each. */
  drift: string[];
  /** What this stack has made, as KIND/NAME. */
  made: string[];
}

function idOf({ clusterId, namespace }: Inputs): string {
  return `${clusterId}/namespaces/${namespace}`;
}

async function open(clusterId: string): Promise<ClusterCommands | undefined> {
  return ClusterCommands.open(await ArmClient.connect(), clusterId);
}

async function ensure(inputs: Inputs, before?: Outputs): Promise<Outputs> {
  const commands = await open(inputs.clusterId);
  if (!commands)
    throw new UserError(
      `Cluster ${inputs.clusterId} is not there. Correct serving.existingCluster.id, or run "pulumi refresh", then "pulumi up".`,
    );
  const objects = new ServingObjects(commands, inputs.owner, before?.made ?? []);
  const { namespace, instanceTypes } = inputs;
  const found = await objects.observe(namespace, Object.keys(instanceTypes));
  objects.refuseOthers(found, instanceTypes);
  const written = await objects.apply(found, namespace, instanceTypes);
  await objects.removeInstanceTypes(
    Object.keys(before?.instanceTypes ?? {}).filter((name) => !(name in instanceTypes)),
  );
  const after = written.length > 0 ? await objects.observe(namespace, Object.keys(instanceTypes)) : found;
  const drift = objects.drift(after, namespace, instanceTypes);
  const made = [...new Set([...(before?.made ?? []), ...written])];
  if (drift.length === 0) return { ...inputs, drift, made };
  throw new PartialFailure(
    idOf(inputs),
    { ...inputs, drift, made },
    `The cluster's objects are not what was applied: ${drift.join("; ")}. Somebody else changes them, too: end that, and run "pulumi up" again.`,
  );
}

export const lifecycle = defineLifecycle<Inputs, Outputs>({
  replaceOn: ["clusterId", "namespace", "owner"],
  unfinished: ({ drift }) => drift.length > 0,

  async create(inputs) {
    return { id: idOf(inputs), outputs: await ensure(inputs) };
  },

  async read(_id, state) {
    const commands = await open(state.clusterId);
    if (!commands) return undefined;
    const objects = new ServingObjects(commands, state.owner, state.made);
    const names = Object.keys(state.instanceTypes);
    const found = await objects.observe(state.namespace, names);
    if (!found.namespace && found.instanceTypes.size === 0) return undefined;
    return { ...state, drift: objects.drift(found, state.namespace, state.instanceTypes) };
  },

  async update(_id, inputs, before) {
    return ensure(inputs, before);
  },

  async delete(_id, { clusterId, owner, namespace, instanceTypes, made }) {
    const commands = await open(clusterId);
    if (!commands) return;
    const objects = new ServingObjects(commands, owner, made);
    await objects.removeInstanceTypes(Object.keys(instanceTypes));
    await objects.removeNamespace(namespace);
  },
});
