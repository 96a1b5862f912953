import type { ResourceSelector, Selector } from "../azureReader";
import { isEqual, withoutSpaces } from "./comparison";
import { fieldOf, typeOf, type Declared } from "./fields";
import { everyHolds, someHolds, Untold } from "./untold";

/** What selectors are about. */
export interface Selected {
  resource?: Declared;
  /** Member of an initiative. */
  reference?: string;
}

/**
 * Whether all selectors take it in; none takes in everything.
 * https://learn.microsoft.com/azure/governance/policy/concepts/assignment-structure#resource-selectors
 */
export function isSelected(selectors: readonly Selector[], selected: Selected): boolean | Untold {
  return everyHolds(selectors.map((one) => isTakenBy(one, selected)));
}

/** Whether one of what an assignment or an exemption is limited to takes it in; without any it is limited to nothing. */
export function isInReach(limits: readonly ResourceSelector[], selected: Selected): boolean | Untold {
  if (limits.length === 0) return true;
  return someHolds(limits.map(({ selectors = [] }) => isSelected(selectors, selected)));
}

function isTakenBy({ kind = "", in: among, notIn = [] }: Selector, selected: Selected): boolean | Untold {
  const value = valueOf(kind.toLowerCase(), selected);
  if (value instanceof Untold) return value;
  const isIn = (list: readonly string[]) => list.some((one) => isEqual(withoutSpaces(one), withoutSpaces(value)));
  return (among === undefined || isIn(among)) && !isIn(notIn);
}

function valueOf(kind: string, { resource, reference }: Selected): unknown {
  if (kind === "policydefinitionreferenceid") return reference;
  if (!resource) return new Untold(`what a selector of ${kind} is about is not known`);
  if (kind === "resourcelocation") return fieldOf(resource, "location", "");
  if (kind === "resourcetype") return typeOf(resource);
  return new Untold(`selectors by ${kind} are not understood here`);
}
