import type { AzureReader } from "../azureReader";
import type { Finding } from "../finding";
import type { Plan } from "../plan";

/** Days that Azure ML keeps a deleted workspace: https://learn.microsoft.com/azure/machine-learning/concept-soft-delete */
const workspaceDays = 14;

/** Names that deleted resources still hold. */
export async function checkSoftDeleted(plan: Plan, azure: AzureReader): Promise<Finding[]> {
  return [...(await ofVault(plan, azure)), ...(await ofWorkspace(plan, azure))];
}

async function ofVault({ names, location, config }: Plan, azure: AzureReader): Promise<Finding[]> {
  if (config.existing.keyVaultId !== undefined) return [];
  const deleted = (await azure.deletedVaults()).find(({ name }) => name.toLowerCase() === names.keyVault.toLowerCase());
  if (!deleted) return [];
  const { deletionDate, scheduledPurgeDate, purgeProtectionEnabled, location: place = location } = deleted.properties;
  const other = `choose another "name" (now "${config.name}") in the configuration`;
  const next = purgeProtectionEnabled
    ? `It is protected from purging: recover it (az keyvault recover --name ${deleted.name} --location ${place}) and import it, or ${other}.`
    : `az keyvault purge --name ${deleted.name} --location ${place}, which loses its secrets; or ${other}.`;
  return [
    {
      severity: "error",
      what: `The Key Vault name "${deleted.name}" is held by a deleted vault`,
      evidence: `deletedVaults: deleted ${deletionDate ?? "at an unknown time"}, kept until ${scheduledPurgeDate ?? "an unknown time"}`,
      next,
    },
  ];
}

/** Azure ML lists deleted workspaces nowhere; that one was deleted is in the activity log. */
async function ofWorkspace({ names, groupId, config }: Plan, azure: AzureReader): Promise<Finding[]> {
  const id = `${groupId}/providers/Microsoft.MachineLearningServices/workspaces/${names.workspace}`;
  if (await azure.workspace(id)) return [];
  const since = new Date(Date.now() - workspaceDays * 24 * 60 * 60 * 1000);
  const deletion = (await azure.activity(id, since)).find(
    ({ operationName, status }) =>
      /\/workspaces\/delete$/i.test(operationName.value) && /^(succeeded|accepted)$/i.test(status.value),
  );
  if (!deletion) return [];
  const until = new Date(Date.parse(deletion.eventTimestamp) + workspaceDays * 24 * 60 * 60 * 1000);
  return [
    {
      severity: "warning",
      what: `The workspace name "${names.workspace}" may be held by a deleted workspace until ${until.toISOString().slice(0, 10)}`,
      evidence: `activity log: deleted ${deletion.eventTimestamp}${deletion.caller ? ` by ${deletion.caller}` : ""}; whether it was purged as well is not told`,
      next: `Unless it was purged: az ml workspace delete --name ${names.workspace} --resource-group ${groupId.split("/").at(-1)} --permanently-delete, which loses its jobs and models; recover it on the portal; or choose another "name" (now "${config.name}").`,
    },
  ];
}
