import type { ContainerClient } from "@azure/storage-blob";
import { apiVersions, ArmRequestError, type ArmClient } from "./arm";
import { openContainer } from "./blobs";

/** A path in a datastore of a workspace, the long form that data assets and JSONL lines use. */
export interface DatastorePath {
  workspaceId: string;
  datastore: string;
  /** Relative to the datastore's container, without a leading slash. */
  path: string;
}

const longForm =
  /^azureml:\/\/subscriptions\/([^/]+)\/resource[gG]roups\/([^/]+)(?:\/providers\/Microsoft\.MachineLearningServices)?\/workspaces\/([^/]+)\/datastores\/([^/]+)\/paths\/(.*)$/;

export function formatDatastorePath({ workspaceId, datastore, path }: DatastorePath): string {
  const [, subscription, group, workspace] =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.MachineLearningServices\/workspaces\/([^/]+)$/i.exec(
      workspaceId,
    ) ?? [];
  if (!subscription) throw new TypeError(`"${workspaceId}" is not the id of an Azure ML workspace`);
  return `azureml://subscriptions/${subscription}/resourcegroups/${group}/workspaces/${workspace}/datastores/${datastore}/paths/${path}`;
}

/** Undefined when the URI is of another form. */
export function parseDatastorePath(uri: string): DatastorePath | undefined {
  const match = longForm.exec(uri);
  if (!match) return undefined;
  const [, subscription, group, workspace, datastore, path] = match as unknown as string[];
  return {
    workspaceId: `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.MachineLearningServices/workspaces/${workspace}`,
    datastore: datastore ?? "",
    path: path ?? "",
  };
}

interface BlobDatastore {
  datastoreType: string;
  accountName: string;
  containerName: string;
  resourceGroup?: string;
  subscriptionId?: string;
}

/** The container behind a blob datastore. The account is looked for in the workspace's resource group unless the datastore names another. */
export async function openDatastore(arm: ArmClient, workspaceId: string, datastore: string): Promise<ContainerClient> {
  const found = await arm.get<BlobDatastore>(`${workspaceId}/datastores/${datastore}`, apiVersions.machineLearning);
  if (!found)
    throw new ArmRequestError(404, "DatastoreNotFound", `Workspace ${workspaceId} has no datastore "${datastore}".`);
  const { accountName, containerName, resourceGroup, subscriptionId } = found.properties;
  const [, , ownSubscription, , ownGroup] = workspaceId.split("/");
  const accountId = `/subscriptions/${subscriptionId || ownSubscription}/resourceGroups/${resourceGroup || ownGroup}/providers/Microsoft.Storage/storageAccounts/${accountName}`;
  return openContainer(arm, accountId, containerName);
}

/** Files that a run has written (outputs/, user_logs/) lie in the workspace's artifact store under its run id. */
export async function openRunArtifacts(
  arm: ArmClient,
  workspaceId: string,
  runId: string,
): Promise<{ container: ContainerClient; prefix: string }> {
  const container = await openDatastore(arm, workspaceId, "workspaceartifactstore");
  return { container, prefix: `ExperimentRun/dcid.${runId}/` };
}
