import type { AzureReader, PolicyAssignment } from "../azureReader";
import { knownTaken, type KnownTaken } from "./changes";
import { isOver } from "./exemptions";
import { membersOf, overrideOf, ruleOf, type Parameters, type Rule } from "./rules";

/** A definition that is assigned, by itself or in an initiative. */
export interface Assigned {
  assignment: PolicyAssignment;
  /** For people. */
  told: string;
  definitionId: string;
  /** Member of the initiative. */
  reference: string | undefined;
  /** Undefined where it could not be read. */
  rule: Rule | undefined;
  /** What a built-in definition takes away that could not be read. */
  known: KnownTaken | undefined;
}

/** Effects that refuse or change what is deployed; the others only tell of it. */
const inForce = new Set(["deny", "modify", "append", "deployifnotexists"]);

/** What is assigned to a scope or above it and is in force for the resource group. */
export async function assignedTo(scope: string, groupId: string, azure: AzureReader): Promise<Assigned[]> {
  const assignments = (await azure.policyAssignments(scope)).filter((one) => isEnforced(one, groupId));
  const all = (await Promise.all(assignments.map((one) => definitionsOf(one, azure)))).flat();
  return all.filter(({ rule, known }) => {
    const effect = rule?.effect ?? known?.effect;
    return effect === undefined || inForce.has(effect.toLowerCase());
  });
}

function isEnforced({ properties }: PolicyAssignment, groupId: string): boolean {
  const isSpared = (properties.notScopes ?? []).some((scope) => isOver(scope, groupId));
  return properties.enforcementMode?.toLowerCase() !== "donotenforce" && !isSpared;
}

async function definitionsOf(assignment: PolicyAssignment, azure: AzureReader): Promise<Assigned[]> {
  const { policyDefinitionId = "", displayName = assignment.name, parameters = {} } = assignment.properties;
  const told = `policy assignment "${displayName}" (${assignment.id})`;
  const of = async (definitionId: string, given: Parameters, reference?: string): Promise<Assigned[]> => {
    const definition = await azure.policyDefinition(definitionId);
    const override = overrideOf(assignment, reference);
    const rule = definition && ruleOf(definition, given, override);
    if (definition && !rule) return [];
    const known = definition ? undefined : knownTaken(definitionId, given, override);
    return [{ assignment, told, definitionId, reference, rule, known }];
  };
  if (!/\/policySetDefinitions\//i.test(policyDefinitionId)) return of(policyDefinitionId, parameters);
  const set = await azure.policySet(policyDefinitionId);
  if (!set)
    return [
      { assignment, told, definitionId: policyDefinitionId, reference: undefined, rule: undefined, known: undefined },
    ];
  const members = membersOf(set, parameters).map(({ definitionId, parameters: own, reference }) =>
    of(definitionId, own, reference),
  );
  return (await Promise.all(members)).flat();
}
