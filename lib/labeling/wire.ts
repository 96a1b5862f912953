import { z } from "zod";
import type { Annotation } from "./outcome";

export const projectSchema = z.object({
  id: z.number(),
  title: z.string(),
  description: z
    .string()
    .nullish()
    .transform((text) => text ?? ""),
  label_config: z.string(),
  expert_instruction: z
    .string()
    .nullish()
    .transform((text) => text ?? ""),
  show_instruction: z.boolean(),
});

/** A project, as far as it is looked at here. */
export type Project = z.output<typeof projectSchema>;
export type ProjectSettings = Omit<Project, "id">;

const region = z.object({
  from_name: z.string().default(""),
  to_name: z.string().default(""),
  type: z.string().default(""),
  original_width: z.number().default(0),
  original_height: z.number().default(0),
  image_rotation: z.number().optional(),
  value: z
    .object({
      x: z.number().default(NaN),
      y: z.number().default(NaN),
      width: z.number().default(NaN),
      height: z.number().default(NaN),
      rotation: z.number().optional(),
      rectanglelabels: z.array(z.string()).optional(),
    })
    .loose(),
});
export const annotationSchema = z.object({
  id: z.number(),
  completed_by: z.number(),
  was_cancelled: z.boolean(),
  ground_truth: z.boolean().default(false),
  created_at: z.string(),
  updated_at: z.string(),
  // Kept whole, since it is written back when a label is renamed.
  result: z.array(region.loose()),
}) satisfies z.ZodType<Annotation>;

export const taskSchema = z.object({
  id: z.number(),
  data: z.record(z.string(), z.unknown()),
  meta: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((meta) => meta ?? {}),
});
/** A task without what people have made of it. */
export type Task = z.output<typeof taskSchema>;

export const predictionSchema = z.object({
  id: z.number(),
  model_version: z
    .string()
    .nullish()
    .transform((version) => version ?? ""),
  created_at: z.string(),
  result: z.array(region.loose()),
});
/** What a model has suggested. */
export type Prediction = z.output<typeof predictionSchema>;

export const suggestedTaskSchema = taskSchema.extend({ predictions: z.array(predictionSchema) });
/** A task with what models have suggested. */
export type SuggestedTask = z.output<typeof suggestedTaskSchema>;

export const annotatedTaskSchema = suggestedTaskSchema.extend({ annotations: z.array(annotationSchema) });
/** A task with what people have made of it, and models before them. */
export type AnnotatedTask = z.output<typeof annotatedTaskSchema>;

export const userSchema = z.object({ id: z.number(), email: z.string() });
export type User = z.output<typeof userSchema>;
