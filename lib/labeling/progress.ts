import { countTasks, listUsers } from "./api";
import { hasAnnotations, hasNone, hasPredictions, hasSkips, isHere, type Filter } from "./filters";
import type { LabelStudioClient } from "./client";
import { labelerName } from "./people";

/** How far the labeling is, in images; those that are removed do not count. */
export interface LabelingProgress {
  total: number;
  /** With boxes, or with the word that there are none. */
  labeled: number;
  skipped: number;
  left: number;
  /** With boxes that a model has suggested. */
  preLabeled: number;
  /** Images that each person has labeled or skipped. */
  byLabeler: { labeler: string; images: number }[];
}

export async function readProgress(client: LabelStudioClient, projectId: number): Promise<LabelingProgress> {
  const count = (...filters: Filter[]) => countTasks(client, projectId, [isHere, ...filters]);
  const total = await count();
  const labeled = await count(hasAnnotations);
  const skipped = await count(hasNone, hasSkips);
  const preLabeled = await count(hasPredictions);
  const byLabeler: LabelingProgress["byLabeler"] = [];
  for (const { id } of await listUsers(client)) {
    const images = await count({ field: "annotators", operator: "contains", value: id, type: "List" });
    if (images > 0) byLabeler.push({ labeler: labelerName(id), images });
  }
  return { total, labeled, skipped, left: total - labeled - skipped, preLabeled, byLabeler };
}
