import { combineProblems, UserError } from "../errors";
import { didYouMean } from "../nearestName";
import type { ClassMap } from "./classMap";
import type { Categories, Category } from "./instances/categories";

/**
 * What a box's label is: its category's `name`; its `supercategory`, of which person, food and animal are kept; or what a
 * class map says, which keeps what it names.
 */
export type ClassChoice = { classesFrom: "name" | "supercategory" } | { classMap: ClassMap };

/** The supercategories of COCO that are kept as classes. */
export const keptSupercategories: readonly string[] = ["person", "food", "animal"];

/** The label of each category, by its place; null for one that is left out. */
export type Labels = ReadonlyMap<number, string | null>;

/**
 * Gives each category its label.
 * @throws UserError when the file has none of the supercategories that are kept, or not what the class map names
 */
export function labelCategories(categories: Categories, choice: ClassChoice, file: string): Labels {
  const entries = [...categories.entries()];
  const labelOf = labeller(
    entries.map(([, category]) => category),
    choice,
    file,
  );
  return new Map(entries.map(([place, category]) => [place, labelOf(category) ?? null]));
}

type Labeller = (category: Category) => string | undefined;

function labeller(categories: readonly Category[], choice: ClassChoice, file: string): Labeller {
  if ("classMap" in choice) return mapped(categories, choice.classMap, file);
  if (choice.classesFrom === "name") return ({ name }) => name;
  const kept = ({ supercategory }: Category) => keptSupercategories.find((name) => name === supercategory);
  if (categories.length > 0 && !categories.some(kept)) {
    const found = [...new Set(categories.map(({ supercategory }) => supercategory ?? "none"))].join(", ");
    throw new UserError(
      `The classes are to come from the supercategories ${keptSupercategories.join(", ")}, but "${file}" has only: ${found}. Take the categories' names, or give a class map.`,
    );
  }
  return kept;
}

function mapped(categories: readonly Category[], { file: mapFile, labels }: ClassMap, file: string): Labeller {
  const names = new Set(categories.map(({ name }) => name));
  const supercategories = new Set(categories.map(({ supercategory }) => supercategory));
  const legal = [...new Set([...names, ...supercategories])].filter((name) => name !== undefined);
  const problems = [...labels.keys()]
    .filter((name) => !names.has(name) && !supercategories.has(name))
    .map((name) => `"${name}" is neither a category nor a supercategory of "${file}"; ${didYouMean(name, legal)}`);
  if (problems.length > 0) throw combineProblems(`The class map "${mapFile}" does not fit:`, problems);
  return ({ name, supercategory }) => {
    const own = labels.get(name);
    if (own !== undefined) return own ?? undefined;
    // A name that a category has means that category, also where a supercategory has the same name.
    if (supercategory === undefined || names.has(supercategory)) return undefined;
    return labels.get(supercategory) ?? undefined;
  };
}
