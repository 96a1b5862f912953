import { apiVersions, ArmClient } from "../../lib/azure/arm";
import { archiveAssetVersion, ensureAssetVersion } from "../../lib/azure/assetVersions";
import { containsUnknown, defineLifecycle, unknownValue } from "../lifecycle";

interface Inputs {
  workspaceId: string;
  kind: string;
  assetName: string;
  version: string;
  properties: Record<string, unknown>;
  onSuperseded: "keep" | "archive";
  assetId: string;
}

export const lifecycle = defineLifecycle<Inputs, Inputs>({
  // The same version with other tags is the same object; with other content it is an error.
  replaceOn: ["assetId"],
  ignoreChangesOf: ["workspaceId", "kind", "assetName", "version"],
  stateDefaults: { onSuperseded: "keep" },

  async check(inputs) {
    const { workspaceId, kind, assetName, version } = inputs;
    const unknown = containsUnknown([workspaceId, assetName, version]);
    const assetId = unknown ? unknownValue : `${workspaceId}/${kind}/${assetName}/versions/${version}`;
    return { inputs: { ...inputs, assetId } };
  },

  async create(inputs) {
    await ensureAssetVersion(await ArmClient.connect(), inputs);
    return { id: inputs.assetId, outputs: inputs };
  },

  async read(id, state) {
    const found = await (await ArmClient.connect()).get(id, apiVersions.machineLearning);
    return found ? state : undefined;
  },

  async update(_id, inputs) {
    await ensureAssetVersion(await ArmClient.connect(), inputs);
    return inputs;
  },

  async delete(_id, state) {
    if (state.onSuperseded === "archive") await archiveAssetVersion(await ArmClient.connect(), state);
  },
});
