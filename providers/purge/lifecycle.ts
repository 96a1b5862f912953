import { apiVersions, ArmClient, ArmRequestError } from "../../lib/azure/arm";
import { defineLifecycle } from "../lifecycle";

interface Inputs {
  resourceId: string;
  location: string;
}

/** Whether the name is free, or there is nothing that could be purged. */
function isGone(error: unknown): boolean {
  return error instanceof ArmRequestError && error.status === 404;
}

async function purge({ resourceId, location }: Inputs): Promise<void> {
  const arm = await ArmClient.connect();
  const isVault = /\/Microsoft\.KeyVault\/vaults\//i.test(resourceId);
  // A resource that is there was not deleted by this stack: a purge would take it from whoever uses it.
  const version = isVault ? apiVersions.keyVault : apiVersions.machineLearning;
  if (await arm.get(resourceId, version)) return;
  if (!isVault) return arm.delete(resourceId, version, { forceToPurge: "true" });
  const [, , subscription, , , , , , name] = resourceId.split("/");
  const deleted = `/subscriptions/${subscription}/providers/Microsoft.KeyVault/locations/${location}/deletedVaults/${name}`;
  await arm.post(`${deleted}/purge`, version).catch((error: unknown) => {
    if (!isGone(error)) throw error;
  });
}

export const lifecycle = defineLifecycle<Inputs, Inputs>({
  replaceOn: ["resourceId"],

  async create(inputs) {
    return { id: `${inputs.resourceId}/purge`, outputs: inputs };
  },

  async read(_id, state) {
    return state;
  },

  async update(_id, inputs) {
    return inputs;
  },

  async delete(_id, state) {
    await purge(state);
  },
});
