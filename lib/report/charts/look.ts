import { seriesColours } from "../html/style";

/** How a run is drawn: its colour is a variable of the page, so that it can be hidden everywhere at once. */
export interface SeriesLook {
  colour: string;
  dash: "solid" | "dashed" | "dotted";
}

const dashes = ["solid", "dashed", "dotted"] as const;

/** Colours come again with another dash: neither alone tells 24 runs apart. */
export function lookOf(index: number): SeriesLook {
  const dash = dashes[Math.floor(index / seriesColours.length) % dashes.length] ?? "solid";
  return { colour: `var(--r${index})`, dash };
}

/** The variables of so many runs. */
export function seriesVariables(count: number): string {
  const each = Array.from({ length: count }, (_, index) => `--r${index}:var(--c${index % seriesColours.length})`);
  return `:root{${each.join(";")}}`;
}
