import { createHash } from "node:crypto";
import { apiVersions, ArmClient } from "../../lib/azure/arm";
import { UserError } from "../../lib/errors";
import { defineLifecycle } from "../lifecycle";

interface Inputs {
  endpointId: string;
  keyVaultId: string;
  secretName: string;
}

interface Outputs extends Inputs {
  secretId: string;
  /** Short hash of the key, by which a key that was made anew is known; nothing of the key can be told from it. */
  fingerprint: string;
  /** Whether the endpoint has another key by now. */
  stale: boolean;
}

/** Undefined when the endpoint is gone. */
async function primaryKeyOf(arm: ArmClient, endpointId: string): Promise<string | undefined> {
  if (!(await arm.get(endpointId, apiVersions.machineLearning))) return undefined;
  const keys = await arm.post<{ primaryKey: string }>(`${endpointId}/listKeys`, apiVersions.machineLearning);
  return keys.primaryKey;
}

function fingerprintOf(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 12);
}

async function copyKey(inputs: Inputs): Promise<Outputs> {
  const arm = await ArmClient.connect();
  const key = await primaryKeyOf(arm, inputs.endpointId);
  if (key === undefined)
    throw new UserError(`Endpoint ${inputs.endpointId} is not there. Run "pulumi refresh", then "pulumi up".`);
  const secretId = `${inputs.keyVaultId}/secrets/${inputs.secretName}`;
  await arm.put(secretId, apiVersions.keyVault, { properties: { value: key, contentType: "endpoint key" } });
  return { ...inputs, secretId, fingerprint: fingerprintOf(key), stale: false };
}

export const lifecycle = defineLifecycle<Inputs, Outputs>({
  replaceOn: ["endpointId", "keyVaultId", "secretName"],
  stateDefaults: { fingerprint: "", stale: false },
  unfinished: ({ stale }) => stale,

  async create(inputs) {
    const outputs = await copyKey(inputs);
    return { id: outputs.secretId, outputs };
  },

  async read(id, state) {
    const arm = await ArmClient.connect();
    const [secret, key] = await Promise.all([arm.get(id, apiVersions.keyVault), primaryKeyOf(arm, state.endpointId)]);
    if (!secret || key === undefined) return undefined;
    return { ...state, stale: fingerprintOf(key) !== state.fingerprint };
  },

  async update(_id, inputs) {
    return copyKey(inputs);
  },

  // ARM has no deletion of secrets; the secret goes with its vault, and its key is worthless without the endpoint.
  async delete() {},
});
