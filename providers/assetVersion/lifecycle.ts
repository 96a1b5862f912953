import { apiVersions, ArmClient } from "../../lib/azure/arm";
import { UserError } from "../../lib/errors";
import { containsUnknown, defineLifecycle, unknownValue } from "../lifecycle";

interface Inputs {
  workspaceId: string;
  kind: string;
  assetName: string;
  version: string;
  properties: Record<string, unknown>;
  assetId: string;
}

/** The property of each kind that says where the content is, and which a version can never change. */
const contentProperty: Record<string, string> = { data: "dataUri", codes: "codeUri", environments: "condaFile" };

async function ensure({ assetId, kind, properties }: Inputs): Promise<void> {
  const arm = await ArmClient.connect();
  const existing = await arm.get<Record<string, unknown>>(assetId, apiVersions.machineLearning);
  const key = contentProperty[kind] ?? "";
  if (existing && existing.properties[key] !== properties[key]) {
    throw new UserError(
      `${assetId} exists with ${key} "${String(existing.properties[key])}", and "${String(properties[key])}" was asked for. ` +
        "Versions cannot change: archive that version, or give the asset another name.",
    );
  }
  // An archived version comes back with its old content.
  if (!existing || existing.properties.isArchived === true) {
    await arm.put(assetId, apiVersions.machineLearning, { properties: { ...properties, isArchived: false } });
  }
}

export const lifecycle = defineLifecycle<Inputs, Inputs>({
  replaceOn: ["assetId", "properties"],
  ignoreChangesOf: ["workspaceId", "kind", "assetName", "version"],

  async check(inputs) {
    const { workspaceId, kind, assetName, version } = inputs;
    const unknown = containsUnknown([workspaceId, assetName, version]);
    const assetId = unknown ? unknownValue : `${workspaceId}/${kind}/${assetName}/versions/${version}`;
    return { inputs: { ...inputs, assetId } };
  },

  async create(inputs) {
    await ensure(inputs);
    return { id: inputs.assetId, outputs: inputs };
  },

  async read(id, state) {
    const found = await (await ArmClient.connect()).get(id, apiVersions.machineLearning);
    return found ? state : undefined;
  },

  async update(_id, inputs) {
    await ensure(inputs);
    return inputs;
  },

  async delete() {},
});
