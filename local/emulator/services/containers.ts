import type { Cloud, ResourceRecord } from "../contracts";

const accountType = "Microsoft.Storage/storageAccounts";
export const containerType = `${accountType}/blobServices/containers`;

const ofContainers = /^(.*\/storageAccounts\/[^/]+\/blobServices\/default)\/containers(?:\/|$)/i;

/** What Resource Manager answers of a container beside what its body had. */
export const containerDefaults = { hasImmutabilityPolicy: false, leaseState: "Available", publicAccess: "None" };

/**
 * Containers are the same whether Resource Manager made them or a client of the blob service: before a request to one, what
 * the blob service has is taken over.
 */
export async function adoptContainers(id: string, cloud: Cloud): Promise<void> {
  const { resources } = cloud;
  const blobService = ofContainers.exec(id)?.[1];
  const account = blobService && resources.get(blobService.replace(/\/blobServices\/default$/i, ""));
  if (!account) return;
  const names = new Set(await cloud.containerNames(account.name));
  const known = resources.list(`${account.id}/blobServices/default`, containerType);
  for (const { name, id: gone } of known) if (!names.delete(name)) await resources.remove(gone);
  for (const name of names) await resources.put(adopted(account, name));
}

function adopted({ id }: ResourceRecord, name: string): ResourceRecord {
  return {
    id: `${id}/blobServices/default/containers/${name}`,
    name,
    type: containerType,
    properties: { provisioningState: "Succeeded", ...containerDefaults },
  };
}
