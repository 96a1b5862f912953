/** Properties of a project of Azure ML's own labeling, as far as they are looked at here. */
export interface LabelingJobProperties {
  dataConfiguration?: { dataId?: string };
  labelingJobMediaProperties?: { annotationType?: string };
  labelCategories?: Record<string, { classes?: Record<string, object> }>;
  mlAssistConfiguration?: { mlAssist?: string; trainingComputeBinding?: string; inferencingComputeBinding?: string };
  status?: "Running" | "Paused";
  progressMetrics?: object;
}

/** The labels of all categories, as CATEGORY/LABEL. */
export function classesOf({ labelCategories = {} }: LabelingJobProperties): string[] {
  return Object.entries(labelCategories).flatMap(([category, { classes = {} }]) =>
    Object.keys(classes).map((name) => `${category}/${name}`),
  );
}
