import { ArmError, type Cloud, type ResourceRecord, type TypeBehaviour } from "../contracts";

const ml = "Microsoft.MachineLearningServices/workspaces";

/** What stands behind the account's name in its address: `core.windows.net` in public Azure. */
function storageEndpoint(cloud: Cloud): string {
  return new URL(cloud.blobUrl).host;
}

/** Datastores that every workspace has: two of blobs, and two of files, which are records alone. */
function systemDatastores({ properties }: ResourceRecord): { name: string; content: Record<string, unknown> }[] {
  const guid = String(properties.workspaceId);
  const blobs = (containerName: string) => ({ datastoreType: "AzureBlob", containerName });
  const files = (fileShareName: string) => ({ datastoreType: "AzureFile", fileShareName });
  return [
    { name: "workspaceblobstore", content: { ...blobs(`azureml-blobstore-${guid}`), isDefault: true } },
    { name: "workspaceartifactstore", content: blobs("azureml") },
    { name: "workspacefilestore", content: files(`azureml-filestore-${guid}`) },
    { name: "workspaceworkingdirectory", content: files(`code-${guid}`) },
  ];
}

/** Makes the datastores that a workspace has, unless they are there. */
export async function putSystemDatastores(workspace: ResourceRecord, cloud: Cloud): Promise<void> {
  const account = cloud.resources.get(String(workspace.properties.storageAccount));
  if (!account) return;
  for (const { name, content } of systemDatastores(workspace)) {
    const id = `${workspace.id}/datastores/${name}`;
    if (typeof content.containerName === "string")
      await cloud.container(account.name, content.containerName).createIfNotExists();
    if (cloud.resources.get(id)) continue;
    await cloud.resources.put({
      id,
      name,
      type: `${ml}/datastores`,
      properties: {
        provisioningState: "Succeeded",
        accountName: account.name,
        protocol: "https",
        endpoint: storageEndpoint(cloud),
        isDefault: false,
        credentials: { credentialsType: "None" },
        serviceDataAccessAuthIdentity: "WorkspaceSystemAssignedIdentity",
        ...content,
      },
    });
  }
}

export const datastoreBehaviour: TypeBehaviour = {
  type: `${ml}/datastores`,
  coverage: {
    gaps: {
      PUT: "blobs, with identities; those of files and data lakes are records",
    },
  },
  check({ body, id }, cloud) {
    const { datastoreType, accountName, containerName } = (body.properties ?? {}) as {
      datastoreType?: string;
      accountName?: string;
      containerName?: string;
    };
    if (!cloud.resources.listAll("Microsoft.Storage/storageAccounts").some(({ name }) => name === accountName)) {
      throw new ArmError(
        400,
        "ValidationError",
        `The storage account '${String(accountName)}' of datastore '${id.split("/").at(-1)}' was not found.`,
        "properties.accountName",
      );
    }
    if (!containerName && datastoreType === "AzureBlob")
      throw new ArmError(400, "ValidationError", "A blob datastore needs a containerName.", "properties.containerName");
  },
  properties: ({ body, existing }) => ({ ...body.properties, isDefault: existing?.properties.isDefault ?? false }),
  listed: (record, query) => query.isDefault === undefined || String(record.properties.isDefault) === query.isDefault,
};
