/** A condition of the data manager on tasks. */
export interface Filter {
  /** `id`, `total_annotations`, `data.NAME`, ... */
  field: string;
  operator: "greater" | "equal" | "contains" | "not_contains" | "empty" | "in" | "in_list";
  value: unknown;
  type: "Number" | "String" | "List";
}

export const hasAnnotations: Filter = { field: "total_annotations", operator: "greater", value: 0, type: "Number" };
export const hasNone: Filter = { ...hasAnnotations, operator: "equal" };
export const hasSkips: Filter = { ...hasAnnotations, field: "cancelled_annotations" };
export const hasPredictions: Filter = { ...hasAnnotations, field: "total_predictions" };

/** Its image is still there. */
export const isHere: Filter = { field: "data.removed", operator: "empty", value: true, type: "String" };
const hasNoSkips: Filter = { ...hasSkips, operator: "equal" };

/** Tasks that nobody has done, and for which a model has suggested nothing yet. @param modelVersion part of no other one's name */
export function waitsFor(modelVersion: string): Filter[] {
  const lacksIt = { operator: "not_contains", value: [modelVersion], type: "List" } as const;
  return [isHere, hasNone, hasNoSkips, { field: "predictions_model_versions", ...lacksIt }];
}

/** Tasks that nobody has done, with more than one suggestion. */
export const hasSeveralSuggestions: Filter[] = [hasNone, hasNoSkips, { ...hasPredictions, value: 1 }];
