import { apiVersions, ArmClient } from "../../lib/azure/arm";
import { defineLifecycle } from "../lifecycle";

interface Inputs {
  workspaceId: string;
}

interface Outputs extends Inputs {
  status: string;
}

const active = "Active";

/** Undefined when the workspace is gone. */
async function statusOf(arm: ArmClient, workspaceId: string): Promise<string | undefined> {
  const workspace = await arm.get<{ managedNetwork?: { status?: { status?: string } } }>(
    workspaceId,
    apiVersions.machineLearning,
  );
  return workspace && (workspace.properties.managedNetwork?.status?.status ?? "Inactive");
}

/** Waits until the network is there; a network that is there already stays as it is. */
async function provision(inputs: Inputs): Promise<Outputs> {
  const { workspaceId } = inputs;
  const arm = await ArmClient.connect();
  if ((await statusOf(arm, workspaceId)) !== active)
    await arm.post(`${workspaceId}/provisionManagedNetwork`, apiVersions.managedNetwork, { includeSpark: false });
  const status = (await statusOf(arm, workspaceId)) ?? "Inactive";
  if (status !== active) {
    throw new Error(
      `The managed network of ${workspaceId} is ${status} after it was made. Look for private endpoints that wait for their approval, and run "pulumi up" again.`,
    );
  }
  return { workspaceId, status };
}

export const lifecycle = defineLifecycle<Inputs, Outputs>({
  replaceOn: ["workspaceId"],
  unfinished: ({ status }) => status !== active,

  async create(inputs) {
    return { id: `${inputs.workspaceId}/managedNetwork`, outputs: await provision(inputs) };
  },

  async read(_id, state) {
    const status = await statusOf(await ArmClient.connect(), state.workspaceId);
    return status === undefined ? undefined : { ...state, status };
  },

  async update(_id, inputs) {
    return provision(inputs);
  },

  // It goes with its workspace.
  async delete() {},
});
