import type { ContainerClient } from "@azure/storage-blob";
import { UserError } from "../errors";
import { apiVersions, type ArmClient } from "./arm";
import { openDatastore, parseDatastorePath, type DatastorePath } from "./datastores";

interface DataProperties {
  dataUri?: string;
  tags?: Record<string, string>;
  properties?: Record<string, string>;
}

/** A version of a data asset, and where it lies: undefined when that is no datastore. */
export interface DataVersion {
  properties: DataProperties;
  place: DatastorePath | undefined;
}

/**
 * Undefined when there is no such version.
 * @param dataId ARM id of the version
 */
export async function findDataVersion(arm: ArmClient, dataId: string): Promise<DataVersion | undefined> {
  const asset = await arm.get<DataProperties>(dataId, apiVersions.machineLearning);
  if (!asset) return undefined;
  return { properties: asset.properties, place: parseDatastorePath(asset.properties.dataUri ?? "") };
}

/**
 * The container and the folder in it that a version of an MLTable asset is.
 * @param dataId ARM id of the version
 * @throws UserError when it is not there, or is no folder of a datastore
 */
export async function openTable(
  arm: ArmClient,
  workspaceId: string,
  dataId: string,
): Promise<{ container: ContainerClient; folder: string }> {
  const place = (await findDataVersion(arm, dataId))?.place;
  if (!place) throw new UserError(`Data asset ${dataId} is not there, or is no folder of a datastore.`);
  return { container: await openDatastore(arm, workspaceId, place.datastore), folder: place.path };
}
