import type { PolicyAssignment, PolicyDefinition, PolicySet } from "../azureReader";
import { entryOf } from "./comparison";
import { evaluated, type Surroundings } from "./expression";
import { isSelected } from "./selectors";
import { Untold } from "./untold";

export type Parameters = Readonly<Record<string, { value?: unknown }>>;

/** A definition with the parameters that it is assigned with. */
export interface Rule {
  title: string;
  /** Which resources it is about: All, Indexed, or those of one service. */
  mode: string;
  /** As the definition, a parameter or an override says: Deny, Modify and so on. */
  effect: string;
  condition: unknown;
  /** What an effect that changes resources does. */
  details: unknown;
  parameter: Surroundings["parameter"];
}

/** @returns undefined where it has no effect that can be told */
export function ruleOf(
  { name, properties }: PolicyDefinition,
  given: Parameters,
  override: string | undefined,
): Rule | undefined {
  const { policyRule = {}, parameters: declared = {}, displayName = name, mode = "Indexed" } = properties;
  const parameter = parameterOf(given, declared);
  const effect = override ?? evaluated(policyRule.then?.effect, onlyParameters(parameter));
  if (typeof effect !== "string") return undefined;
  const { if: condition, then } = policyRule;
  return { title: displayName, mode, effect, condition, details: then?.details, parameter };
}

/** The members of an initiative, each with the parameters that it gets. */
export function membersOf(
  { properties }: PolicySet,
  given: Parameters,
): { definitionId: string; reference: string; parameters: Parameters }[] {
  const around = onlyParameters(parameterOf(given, properties.parameters ?? {}));
  return (properties.policyDefinitions ?? []).map(
    ({ policyDefinitionId, policyDefinitionReferenceId, parameters }) => ({
      definitionId: policyDefinitionId,
      reference: policyDefinitionReferenceId ?? "",
      parameters: Object.fromEntries(
        Object.entries(parameters ?? {}).map(([name, { value }]) => [name, { value: evaluated(value, around) }]),
      ),
    }),
  );
}

/** The effect that an assignment puts in place of the definition's. @param reference of a member of its initiative */
export function overrideOf({ properties }: PolicyAssignment, reference?: string): string | undefined {
  const found = (properties.overrides ?? []).find(
    ({ kind, selectors = [] }) =>
      kind?.toLowerCase() === "policyeffect" && isSelected(selectors, { reference: reference ?? "" }) === true,
  );
  return found?.value;
}

/** What a parameter is in its definition. Names of parameters are the same in any case. */
function parameterOf(
  given: Parameters,
  declared: Readonly<Record<string, { defaultValue?: unknown }>>,
): Surroundings["parameter"] {
  return (name) =>
    entryOf(given, name)?.value ??
    entryOf(declared, name)?.defaultValue ??
    new Untold(`the parameter ${name} has no value`);
}

function onlyParameters(parameter: Surroundings["parameter"]): Surroundings {
  const none = (name = "") => new Untold(`${name} is not known where parameters are given`);
  return { parameter, field: none, current: none, requestContext: {}, resourceGroup: {}, subscription: {} };
}
