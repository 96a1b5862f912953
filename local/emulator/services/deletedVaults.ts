import { apiVersionsOf } from "../arm/apiVersions";
import { paged } from "../arm/pages";
import type { ScopeOperation } from "../arm/scopeOperation";
import { deletedNotFound, type SoftDeleted, type SoftDeletedResource } from "../arm/softDeleted";
import { ArmError, type Cloud } from "../contracts";

const vaultType = "Microsoft.KeyVault/vaults";
const provider = "/subscriptions/{subscription}/providers/Microsoft.KeyVault";
const one = `${provider}/locations/{location}/deletedVaults/{name}`;
const apiVersions = apiVersionsOf(vaultType, "2024-11-01");

/** Vaults that have been deleted: to be listed, and to be purged; https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults */
export function deletedVaultOperations(cloud: Cloud, softDeleted: SoftDeleted): ScopeOperation[] {
  const find = ({ name = "", location = "" }: Record<string, string>): SoftDeletedResource => {
    const found = softDeleted.find(vaultType, name);
    if (!found || found.record.location?.toLowerCase() !== location.toLowerCase()) throw deletedNotFound(name);
    return found;
  };
  return [
    {
      method: "GET",
      path: `${provider}/deletedVaults`,
      apiVersions,
      permission: "Microsoft.KeyVault/deletedVaults/read",
      answer: ({ path, query }) => ({
        status: 200,
        body: paged(softDeleted.list(vaultType).map(answerOf), path, query, cloud.url),
      }),
    },
    {
      method: "GET",
      path: `${provider}/deletedManagedHSMs`,
      apiVersions,
      gap: "none: the local cloud has no HSMs",
      permission: "Microsoft.KeyVault/deletedManagedHSMs/read",
      answer: () => ({ status: 200, body: { value: [] } }),
    },
    {
      method: "GET",
      path: one,
      apiVersions,
      permission: "Microsoft.KeyVault/locations/deletedVaults/read",
      answer: ({ params }) => ({ status: 200, body: answerOf(find(params)) }),
    },
    {
      method: "POST",
      path: `${one}/purge`,
      apiVersions,
      permission: "Microsoft.KeyVault/locations/deletedVaults/purge/action",
      async answer({ params }) {
        const found = find(params);
        if (found.record.properties.enablePurgeProtection === true)
          throw new ArmError(405, "MethodNotAllowed", 'Operation "DeletedVaultPurge" is not allowed.');
        await softDeleted.purge(found);
        return { status: 200 };
      },
    },
  ];
}

function answerOf({ record, deletedAt, purgeAt }: SoftDeletedResource): Record<string, unknown> {
  const { id, name, location, tags = {}, properties } = record;
  const subscription = id.split("/").slice(0, 3).join("/");
  return {
    id: `${subscription}/providers/Microsoft.KeyVault/locations/${location}/deletedVaults/${name}`,
    name,
    type: "Microsoft.KeyVault/deletedVaults",
    properties: {
      vaultId: id,
      location,
      tags,
      deletionDate: deletedAt,
      scheduledPurgeDate: purgeAt,
      ...(properties.enablePurgeProtection === true ? { purgeProtectionEnabled: true } : {}),
    },
  };
}
