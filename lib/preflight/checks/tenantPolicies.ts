import type { AzureReader, PolicyAssignment, PolicySet } from "../azureReader";
import type { Finding } from "../finding";
import type { Plan } from "../plan";

type Subject = "keys" | "publicNetwork";

/** Built-in definitions by what they take away: https://github.com/Azure/azure-policy/tree/master/built-in-policies/policyDefinitions/Storage */
const known: Readonly<Record<string, { subject: Subject; effect: string }>> = {
  "8c6a50c6-9ffd-4ae7-986f-5fa6111f9a54": { subject: "keys", effect: "Audit" },
  "b2982f36-99f2-4db5-8eff-283140c09693": { subject: "publicNetwork", effect: "Audit" },
  "a06d0189-92e8-4dba-b0c4-08d7669fce7d": { subject: "publicNetwork", effect: "Modify" },
};

/** Policies of the tenant, and settings of what is there, that switch off what the stack relies on. */
export async function checkTenantPolicies(plan: Plan, azure: AzureReader): Promise<Finding[]> {
  const inForce = (await Promise.all((await azure.policyAssignments()).map((one) => effects(one, azure)))).flat();
  const [keys] = inForce.filter(({ subject }) => subject === "keys");
  const [network] = inForce.filter(({ subject }) => subject === "publicNetwork");
  return [...(await ofKeys(plan, azure, keys)), ...(network ? [ofNetwork(network)] : [])];
}

interface InForce {
  subject: Subject;
  evidence: string;
}

/** What an assignment denies or changes. */
async function effects({ id, name, properties }: PolicyAssignment, azure: AzureReader): Promise<InForce[]> {
  const { policyDefinitionId = "", displayName = name, parameters = {}, enforcementMode } = properties;
  if (enforcementMode?.toLowerCase() === "donotenforce") return [];
  const found = (definition: string, given: unknown): InForce[] => {
    const rule = known[definition.split("/").at(-1)?.toLowerCase() ?? ""];
    const effect = typeof given === "string" ? given : rule?.effect;
    if (!rule || !effect || !/^(deny|modify)$/i.test(effect)) return [];
    return [{ subject: rule.subject, evidence: `policy assignment "${displayName}" (${id}), effect ${effect}` }];
  };
  if (!/\/policySetDefinitions\//i.test(policyDefinitionId)) return found(policyDefinitionId, parameters.effect?.value);
  const set = await azure.policySet(policyDefinitionId);
  return (set?.properties.policyDefinitions ?? []).flatMap((member) =>
    found(member.policyDefinitionId, resolved(member.parameters?.effect?.value, parameters, set)),
  );
}

/** A parameter of the initiative stands in place of a value as `[parameters('NAME')]`. */
function resolved(value: unknown, given: NonNullable<PolicyAssignment["properties"]["parameters"]>, set?: PolicySet) {
  const [, name] = /^\[parameters\('([^']+)'\)\]$/i.exec(typeof value === "string" ? value : "") ?? [];
  return name === undefined ? value : (given[name]?.value ?? set?.properties.parameters?.[name]?.defaultValue);
}

/** The stack itself does without keys; what was made before it may not. */
async function ofKeys({ groupId, names }: Plan, azure: AzureReader, policy: InForce | undefined): Promise<Finding[]> {
  const account = await azure.storageAccount(
    `${groupId}/providers/Microsoft.Storage/storageAccounts/${names.storageAccount}`,
  );
  const isOff = account?.properties.allowSharedKeyAccess === false;
  const workspace = await azure.workspace(
    `${groupId}/providers/Microsoft.MachineLearningServices/workspaces/${names.workspace}`,
  );
  const mode = workspace?.properties.systemDatastoresAuthMode ?? "AccessKey";
  const evidence = policy?.evidence ?? `storage account ${names.storageAccount}: allowSharedKeyAccess is false`;
  if ((policy || isOff) && workspace && mode.toLowerCase() !== "identity") {
    return [
      {
        severity: "error",
        what: `Key access to storage is switched off, and the workspace ${names.workspace} reads its datastores with keys`,
        evidence: `${evidence}; systemDatastoresAuthMode is "${mode}"`,
        next: `az ml workspace update --name ${names.workspace} --resource-group ${names.resourceGroup} --system-datastores-auth-mode identity`,
      },
    ];
  }
  if (!policy) return [];
  const next = "Nothing: the stack uses identities alone. Keep keys out of what others mount from its account.";
  return [{ severity: "note", what: "Key access to storage is switched off by a policy", evidence, next }];
}

function ofNetwork({ evidence }: InForce): Finding {
  return {
    severity: "warning",
    what: "Public network access to storage is switched off by a policy",
    evidence,
    next: "Deploy from a network with private endpoints to the account, or have the policy exempt the resource group.",
  };
}
