import { apiVersions, ArmClient } from "../../lib/azure/arm";
import { defineLifecycle } from "../lifecycle";

interface Inputs {
  endpointId: string;
  keyVaultId: string;
  secretName: string;
}

interface Outputs extends Inputs {
  secretId: string;
}

async function copyKey(inputs: Inputs): Promise<Outputs> {
  const arm = await ArmClient.connect();
  const { primaryKey } = await arm.post<{ primaryKey: string }>(
    `${inputs.endpointId}/listKeys`,
    apiVersions.machineLearning,
  );
  const secretId = `${inputs.keyVaultId}/secrets/${inputs.secretName}`;
  await arm.put(secretId, apiVersions.keyVault, { properties: { value: primaryKey, contentType: "endpoint key" } });
  return { ...inputs, secretId };
}

export const lifecycle = defineLifecycle<Inputs, Outputs>({
  replaceOn: ["endpointId", "keyVaultId", "secretName"],

  async create(inputs) {
    const outputs = await copyKey(inputs);
    return { id: outputs.secretId, outputs };
  },

  async read(id, state) {
    const secret = await (await ArmClient.connect()).get(id, apiVersions.keyVault);
    return secret ? state : undefined;
  },

  async update(_id, inputs) {
    return copyKey(inputs);
  },

  // ARM has no deletion of secrets; the secret goes with its vault, and its key is worthless without the endpoint.
  async delete() {},
});
