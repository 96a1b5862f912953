import { UserError } from "../../errors";
import type { AzureReader, PolicyExemption } from "../azureReader";
import type { Finding } from "../finding";
import type { Plan } from "../plan";
import { assignedTo, type Assigned } from "../policies/assigned";
import { takenBy, type Taken } from "../policies/changes";
import { typeOf, type Declared } from "../policies/fields";
import { exemptionFor, judge } from "../policies/judged";
import { subjectOf } from "../policies/subject";
import { denialsOf, isDeny, undeclared } from "./policyDenials";

const accountType = "Microsoft.Storage/storageAccounts";

/** Policies of the tenant, and settings of what is there, that refuse what the stack declares or switch off what it relies on. */
export async function checkTenantPolicies(plan: Plan, azure: AzureReader): Promise<Finding[]> {
  const { groupId, subscriptionId } = plan;
  const scope = (await azure.hasGroup(groupId)) ? groupId : `/subscriptions/${subscriptionId}`;
  const assigned = await assignedTo(scope, groupId, azure);
  const exemptions = assigned.length > 0 ? await azure.policyExemptions(scope) : [];
  const unread = assigned.filter(({ rule, known }) => !rule && !known).map(({ definitionId }) => definitionId);
  const declared = assigned.some(({ rule }) => rule) ? await declaredBy(plan) : [];
  const isTold = Array.isArray(declared);
  const account = isTold ? declared.find((one) => typeOf(one) === accountType) : undefined;
  const taken = assigned.flatMap((one) => takenAwayBy(one, account, plan, exemptions));
  const [keys] = taken.filter(({ subject }) => subject === "keys");
  const [network] = taken.filter(({ subject }) => subject === "publicNetwork");
  return [
    ...(isTold ? denialsOf(assigned, declared, plan, exemptions) : undeclared(assigned, declared.why)),
    ...(await ofKeys(plan, azure, keys)),
    ...(network ? [ofNetwork(plan, network)] : []),
    ...(unread.length > 0 ? [notRead(unread)] : []),
  ];
}

async function declaredBy({ declared }: Plan): Promise<Declared[] | { why: string }> {
  try {
    return await declared();
  } catch (error) {
    if (error instanceof UserError) return { why: error.message };
    throw error;
  }
}

interface TakenAway {
  subject: Taken;
  evidence: string;
}

/** What an assigned definition takes away from the storage account. @param account where the stack declares one */
function takenAwayBy(
  assigned: Assigned,
  account: Declared | undefined,
  plan: Plan,
  exemptions: readonly PolicyExemption[],
): TakenAway[] {
  const { rule, known, told } = assigned;
  const own: Declared = account ?? standIn(plan);
  if (known) {
    const isExempt = exemptionFor(assigned, own, plan, exemptions) !== undefined;
    return isExempt ? [] : [{ subject: known.taken, evidence: `${told}, effect ${known.effect}` }];
  }
  if (!rule) return [];
  // The stack's own account has no keys, which is nothing to a rule about them.
  const withKeys = { ...own, inputs: { ...own.inputs, allowSharedKeyAccess: true } };
  const isMet = (subject: Taken) => {
    const judged = judge(assigned, rule, subject === "keys" ? withKeys : own, plan, exemptions);
    return judged.met === undefined || (judged.met && !judged.exemption);
  };
  const evidence = `${told}, effect ${rule.effect}`;
  // What is denied of the account as it is declared has a finding of its own.
  if (isDeny(rule)) {
    const isOfKeys = judge(assigned, rule, withKeys, plan, exemptions).met === true;
    const isOfAll = judge(assigned, rule, own, plan, exemptions).met !== false;
    return isOfKeys && !isOfAll ? [{ subject: "keys", evidence }] : [];
  }
  const around = subjectOf(own, rule, plan);
  return takenBy(rule, around)
    .filter(isMet)
    .map((subject) => ({ subject, evidence }));
}

/** An account that was there before. */
function standIn({ names, location }: Plan): Declared {
  return {
    token: "azure-native:storage:StorageAccount",
    name: names.storageAccount,
    inputs: { accountName: names.storageAccount, location },
    settable: ["location", "tags", "allowSharedKeyAccess", "publicNetworkAccess", "networkRuleSet"],
  };
}

function notRead(ids: readonly string[]): Finding {
  return {
    severity: "note",
    what: `What ${ids.length === 1 ? "one assigned policy does" : `${ids.length} assigned policies do`} could not be read`,
    evidence: ids.slice(0, 3).join(", ") + (ids.length > 3 ? ", …" : ""),
    next: "Give the identity the role Reader on the management group that has the definitions, or ask who assigned them.",
  };
}

/** The stack itself does without keys; what was made before it may not. */
async function ofKeys({ groupId, names }: Plan, azure: AzureReader, policy: TakenAway | undefined): Promise<Finding[]> {
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

/** Over private endpoints the stack switches public access off by itself. */
function ofNetwork({ config }: Plan, { evidence }: TakenAway): Finding {
  const isPrivate = config.network.access === "private";
  return {
    severity: isPrivate ? "note" : "warning",
    what: "Public network access to storage is switched off by a policy",
    evidence,
    next: isPrivate
      ? 'Nothing: network.access is "private".'
      : 'Set network.access to "private", or have the policy exempt the resource group.',
  };
}
