import type { AzureReader, GlobalType } from "../azureReader";
import type { Finding } from "../finding";
import type { Plan } from "../plan";

/** Names that have to be unique over all of Azure and that somebody else has. */
export async function checkNames(plan: Plan, azure: AzureReader): Promise<Finding[]> {
  const { names, config } = plan;
  const { storageAccountId, keyVaultId } = config.existing;
  const deleted = new Set((await azure.deletedVaults()).map(({ name }) => name.toLowerCase()));
  // A deleted vault has a check of its own.
  const wantsVault = keyVaultId === undefined && !deleted.has(names.keyVault.toLowerCase());
  return [
    ...(storageAccountId === undefined
      ? await checkName(plan, azure, "Microsoft.Storage/storageAccounts", names.storageAccount)
      : []),
    ...(wantsVault ? await checkName(plan, azure, "Microsoft.KeyVault/vaults", names.keyVault) : []),
  ];
}

/** The same for the server of a Label Studio of the stack's own. Azure's answer takes more than a reader's rights. */
export async function checkDatabase(plan: Plan, azure: AzureReader): Promise<Finding[]> {
  if (plan.config.labeling.host !== "azure") return [];
  return checkName(plan, azure, "Microsoft.DBforPostgreSQL/flexibleServers", plan.names.labelingDatabase);
}

async function checkName(
  { groupId, config }: Plan,
  azure: AzureReader,
  type: GlobalType,
  name: string,
): Promise<Finding[]> {
  // This stack's own does not stand in its way.
  if ((await azure.ofGlobalName(type, `${groupId}/providers/${type}/${name}`)) !== undefined) return [];
  const { nameAvailable, reason, message } = await azure.nameAvailability(type, name);
  if (nameAvailable) return [];
  return [
    {
      severity: "error",
      what: `The name "${name}" is not available for ${type}`,
      evidence: `checkNameAvailability: ${reason ?? "no reason"}: ${message ?? "no message"}`,
      next: `Choose another "name" (now "${config.name}") in the configuration.`,
    },
  ];
}
