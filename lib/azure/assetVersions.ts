import { isDeepStrictEqual } from "node:util";
import { UserError } from "../errors";
import { apiVersions, type ArmClient } from "./arm";

/** A version of a workspace's asset. */
export interface AssetBody {
  /** ARM id of the version. */
  assetId: string;
  /** As the workspace's collections are called: data, codes, environments. */
  kind: string;
  /** `properties` of the ARM body. */
  properties: Record<string, unknown>;
}

/** The property of each kind that says where the content is, and which a version can never change. */
const contentProperty: Record<string, string> = { data: "dataUri", codes: "codeUri", environments: "condaFile" };

/**
 * Registers a version of an asset, or takes the one that is there: another stack's, or one that was archived.
 * @throws UserError when it is there with other content
 */
export async function ensureAssetVersion(arm: ArmClient, { assetId, kind, properties }: AssetBody): Promise<void> {
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
export async function archiveAssetVersion(arm: ArmClient, { assetId, properties }: AssetBody): Promise<void> {
  if (!(await arm.get(assetId, apiVersions.machineLearning))) return;
  await arm.put(assetId, apiVersions.machineLearning, { properties: { ...properties, isArchived: true } });
}
