import type { ContainerClient } from "@azure/storage-blob";
import type { ArmClient } from "../azure/arm";
import { findDataVersion } from "../azure/dataAssets";
import { openDatastore } from "../azure/datastores";
import { UserError } from "../errors";

/** Where the images of a data asset lie. */
export interface ImagesPlace {
  container: ContainerClient;
  account: string;
  /** Folder in the container, with its slash. */
  prefix: string;
}

/** Undefined when the asset, its datastore or its container is not there yet. */
export async function findPlace(arm: ArmClient, workspaceId: string, dataId: string): Promise<ImagesPlace | undefined> {
  const asset = await findDataVersion(arm, dataId);
  if (!asset) return undefined;
  const { place } = asset;
  if (!place) throw new UserError(`Data asset ${dataId} is no folder of a datastore, which a labeling project needs.`);
  const container = await openDatastore(arm, workspaceId, place.datastore).catch((error: { status?: number }) => {
    if (error.status === 404) return undefined;
    throw error;
  });
  if (!container || !(await container.exists())) return undefined;
  return { container, account: accountOf(container.url), prefix: place.path.replace(/\/?$/, "/") };
}

/** @throws UserError when it is not there */
export async function openPlace(arm: ArmClient, workspaceId: string, dataId: string): Promise<ImagesPlace> {
  const place = await findPlace(arm, workspaceId, dataId);
  if (place) return place;
  throw new UserError(`Data asset ${dataId} or its container is not there. Run "pulumi refresh", then "pulumi up".`);
}

/** The account stands in front of the host's name, or, where that is an emulator's, before the container. */
function accountOf(url: string): string {
  const { hostname, pathname } = new URL(url);
  const segments = pathname.split("/").filter(Boolean);
  return (segments.length > 1 ? segments[0] : hostname.split(".")[0]) ?? "";
}
