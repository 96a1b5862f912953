import type { Selector } from "../azureReader";
import { isEqual } from "./comparison";
import { fieldOf, typeOf, type Declared } from "./fields";
import { Untold } from "./untold";

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
  const each = selectors.map((one) => isTakenBy(one, selected));
  return each.includes(false) ? false : (each.find((one) => one instanceof Untold) ?? true);
}

function isTakenBy({ kind = "", in: among, notIn = [] }: Selector, selected: Selected): boolean | Untold {
  const value = valueOf(kind.toLowerCase(), selected);
  if (value instanceof Untold) return value;
  const isIn = (list: readonly string[]) => list.some((one) => isEqual(spaceless(one), spaceless(value)));
  return (among === undefined || isIn(among)) && !isIn(notIn);
}

/** Names of regions are the same with and without spaces. */
function spaceless(value: unknown): unknown {
  return typeof value === "string" ? value.replaceAll(" ", "") : value;
}

function valueOf(kind: string, { resource, reference }: Selected): unknown {
  if (kind === "policydefinitionreferenceid") return reference;
  if (!resource) return new Untold(`what a selector of ${kind} is about is not known`);
  if (kind === "resourcelocation") return fieldOf(resource, "location", "");
  if (kind === "resourcetype") return typeOf(resource);
  return new Untold(`selectors by ${kind} are not understood here`);
}
