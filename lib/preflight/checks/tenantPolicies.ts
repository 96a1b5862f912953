import type { AzureReader, PolicyAssignment } from "../azureReader";
import type { Finding } from "../finding";
import type { Plan } from "../plan";
import { effectsOf, isKnown, knownEffects, membersOf, overrideOf, type Subject } from "../policies/effects";

/** Policies of the tenant, and settings of what is there, that switch off what the stack relies on. */
export async function checkTenantPolicies(plan: Plan, azure: AzureReader): Promise<Finding[]> {
  const { groupId, subscriptionId } = plan;
  const scope = (await azure.hasGroup(groupId)) ? groupId : `/subscriptions/${subscriptionId}`;
  const assignments = (await azure.policyAssignments(scope)).filter((one) => isInForce(one, groupId));
  const read = await Promise.all(assignments.map((one) => takenAwayBy(one, azure)));
  const taken = read.flatMap(({ taken }) => taken);
  const unread = read.flatMap(({ unread }) => unread);
  const [keys] = taken.filter(({ subject }) => subject === "keys");
  const [network] = taken.filter(({ subject }) => subject === "publicNetwork");
  return [
    ...(await ofKeys(plan, azure, keys)),
    ...(network ? [ofNetwork(plan, network)] : []),
    ...(unread.length > 0 ? [notRead(unread)] : []),
  ];
}

interface TakenAway {
  subject: Subject;
  evidence: string;
}

interface Read {
  taken: TakenAway[];
  /** Definitions that could not be read. */
  unread: string[];
}

function isInForce({ properties }: PolicyAssignment, groupId: string): boolean {
  const spared = (properties.notScopes ?? []).some((scope) => isWithin(groupId, scope));
  return properties.enforcementMode?.toLowerCase() !== "donotenforce" && !spared;
}

function isWithin(id: string, scope: string): boolean {
  return `${id}/`.toLowerCase().startsWith(`${scope}/`.toLowerCase());
}

/** What an assignment of a definition or of an initiative denies or changes. */
async function takenAwayBy(assignment: PolicyAssignment, azure: AzureReader): Promise<Read> {
  const { policyDefinitionId = "", displayName = assignment.name, parameters = {} } = assignment.properties;
  const told = `policy assignment "${displayName}" (${assignment.id})`;
  const of = async (definitionId: string, given: typeof parameters, reference?: string): Promise<Read> => {
    const definition = await azure.policyDefinition(definitionId);
    const override = overrideOf(assignment, reference);
    const effects = definition ? effectsOf(definition, given, override) : knownEffects(definitionId, given, override);
    const unread = definition || isKnown(definitionId) ? [] : [definitionId];
    return {
      taken: effects.map(({ subject, effect }) => ({ subject, evidence: `${told}, effect ${effect}` })),
      unread,
    };
  };
  if (!/\/policySetDefinitions\//i.test(policyDefinitionId)) return of(policyDefinitionId, parameters);
  const set = await azure.policySet(policyDefinitionId);
  if (!set) return { taken: [], unread: [policyDefinitionId] };
  const members = await Promise.all(
    membersOf(set, parameters).map(({ definitionId, parameters: own, reference }) => of(definitionId, own, reference)),
  );
  return { taken: members.flatMap(({ taken }) => taken), unread: members.flatMap(({ unread }) => unread) };
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
