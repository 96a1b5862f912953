import { collectPictures } from "../pictures/collect";
import { collectRuns, type Question } from "../runs/collect";
import { renderComparison } from "./render";

/** Pictures of a report when nothing else is asked for. */
export const usualPictures = 16;

export interface Comparison {
  html: string;
  /** Names of the runs that are shown. */
  runs: string[];
  notes: string[];
}

/**
 * Compares runs as one HTML page.
 * @param pictures held-out pictures that are shown at most
 * @throws UserError when a word means no run, or several
 */
export async function compareRuns(question: Question, pictures = usualPictures): Promise<Comparison> {
  const collected = await collectRuns(question);
  const found = await collectPictures(question.arm, collected, pictures);
  return {
    html: renderComparison(collected, found),
    runs: collected.runs.map(({ name }) => name),
    notes: collected.notes,
  };
}
