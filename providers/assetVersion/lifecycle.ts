import { isDeepStrictEqual } from "node:util";
import { apiVersions, ArmClient } from "../../lib/azure/arm";
import { UserError } from "../../lib/errors";
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
  // An archived version comes back with its old content; description and tags are the only other things that change.
  if (
    !existing ||
    existing.properties.isArchived === true ||
    !isDeepStrictEqual(existing.properties.tags ?? {}, properties.tags ?? {})
  ) {
    await arm.put(assetId, apiVersions.machineLearning, { properties: { ...properties, isArchived: false } });
  }
}

/** Archived versions are in no list, and jobs and models that refer to them go on to work. */
async function archive({ assetId, properties }: Inputs): Promise<void> {
  const arm = await ArmClient.connect();
  if (!(await arm.get(assetId, apiVersions.machineLearning))) return;
  await arm.put(assetId, apiVersions.machineLearning, { properties: { ...properties, isArchived: true } });
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

  async delete(_id, state) {
    if (state.onSuperseded === "archive") await archive(state);
  },
});
