import type { AzureReader } from "../azureReader";
import type { Finding } from "../finding";
import type { Plan } from "../plan";

/** Names that have to be unique over all of Azure and that somebody else has. */
export async function checkNames(plan: Plan, azure: AzureReader): Promise<Finding[]> {
  const { names, groupId, config } = plan;
  const deleted = new Set((await azure.deletedVaults()).map(({ name }) => name.toLowerCase()));
  const findings: Finding[] = [];
  const ask = async (
    type: Parameters<AzureReader["nameAvailability"]>[0],
    name: string,
    find: (id: string) => Promise<unknown>,
  ) => {
    // A deleted vault has a check of its own.
    if (type === "Microsoft.KeyVault/vaults" && deleted.has(name.toLowerCase())) return;
    // This stack's own does not stand in its way.
    if ((await find(`${groupId}/providers/${type}/${name}`)) !== undefined) return;
    const { nameAvailable, reason, message } = await azure.nameAvailability(type, name);
    if (nameAvailable) return;
    findings.push({
      severity: "error",
      what: `The name "${name}" is not available for ${type}`,
      evidence: `checkNameAvailability: ${reason ?? "no reason"}: ${message ?? "no message"}`,
      next: `Choose another "name" (now "${config.name}") in the configuration.`,
    });
  };
  const { storageAccountId, keyVaultId } = config.existing;
  if (storageAccountId === undefined)
    await ask("Microsoft.Storage/storageAccounts", names.storageAccount, (id) => azure.storageAccount(id));
  if (keyVaultId === undefined) await ask("Microsoft.KeyVault/vaults", names.keyVault, (id) => azure.vault(id));
  return findings;
}
