import { z } from "zod";
import { UserError } from "../errors";
import type { Annotation } from "./outcome";
import type { LabelStudioClient } from "./client";

const project = z.object({
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
export type Project = z.output<typeof project>;
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
const annotation = z.object({
  id: z.number(),
  completed_by: z.number(),
  was_cancelled: z.boolean(),
  ground_truth: z.boolean().default(false),
  created_at: z.string(),
  updated_at: z.string(),
  // Kept whole, since it is written back when a label is renamed.
  result: z.array(region.loose()),
}) satisfies z.ZodType<Annotation>;

const task = z.object({
  id: z.number(),
  data: z.record(z.string(), z.unknown()),
  meta: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((meta) => meta ?? {}),
});
/** A task without what people have made of it. */
export type Task = z.output<typeof task>;

const prediction = z.object({
  id: z.number(),
  model_version: z
    .string()
    .nullish()
    .transform((version) => version ?? ""),
  created_at: z.string(),
  result: z.array(region.loose()),
});
/** What a model has suggested. */
export type Prediction = z.output<typeof prediction>;

const suggestedTask = task.extend({ predictions: z.array(prediction) });
/** A task with what models have suggested. */
export type SuggestedTask = z.output<typeof suggestedTask>;

const annotatedTask = suggestedTask.extend({ annotations: z.array(annotation) });
/** A task with what people have made of it, and models before them. */
export type AnnotatedTask = z.output<typeof annotatedTask>;

const user = z.object({ id: z.number(), email: z.string() });
export type User = z.output<typeof user>;

/** A condition of the data manager on tasks. */
export interface Filter {
  /** `id`, `total_annotations`, `data.NAME`, ... */
  field: string;
  operator: "greater" | "equal" | "contains" | "not_contains" | "empty" | "in" | "in_list";
  value: unknown;
  type: "Number" | "String" | "List";
}

const pageSize = 1000;
const annotatedPageSize = 250;
const projectPage = 100;

/** All projects that the token's owner sees. */
export async function* listProjects(client: LabelStudioClient): AsyncGenerator<Project> {
  const page = z.object({ results: z.array(project), next: z.string().nullable() });
  for (let number = 1; ; number++) {
    const { results, next } = read(page, await client.get(`/api/projects/?page=${number}&page_size=${projectPage}`));
    yield* results;
    if (!next) return;
  }
}

/** Not repeatable: titles are not unique. */
export async function createProject(client: LabelStudioClient, settings: ProjectSettings): Promise<Project> {
  return read(project, await client.post("/api/projects/", { ...settings, maximum_annotations: 1 }, false));
}

export async function changeProject(
  client: LabelStudioClient,
  id: number,
  changes: Partial<ProjectSettings>,
): Promise<Project> {
  return read(project, await client.patch(`/api/projects/${id}/`, changes));
}

/** With all its tasks and annotations. */
export async function deleteProject(client: LabelStudioClient, id: number): Promise<void> {
  await client.delete(`/api/projects/${id}/`);
}

/** The tasks of a project by rising id, those with a higher one than `after`. */
export function listTasks(client: LabelStudioClient, projectId: number, after = 0): AsyncGenerator<Task> {
  return pages(client, projectId, task, { after, size: pageSize, fields: "include=id,data,meta", filters: [] });
}

/** The tasks that somebody has annotated or skipped, with what was made of them. */
export async function* listAnnotatedTasks(client: LabelStudioClient, projectId: number): AsyncGenerator<AnnotatedTask> {
  const fields = `include=id,data,meta,predictions,annotations,${Object.keys(annotation.shape).join(",")}&fields=all`;
  const paging = { after: 0, size: annotatedPageSize, fields };
  // One after the other, since a filter is all "and" or all "or".
  for (const filters of [[hasAnnotations], [hasNone, hasSkips]])
    yield* pages(client, projectId, annotatedTask, { ...paging, filters });
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

/** The tasks that meet all conditions, with what models have suggested. */
export function listSuggestions(
  client: LabelStudioClient,
  projectId: number,
  filters: readonly Filter[],
): AsyncGenerator<SuggestedTask> {
  const paging = { after: 0, size: annotatedPageSize, fields: "include=id,data,meta,predictions&fields=all", filters };
  return pages(client, projectId, suggestedTask, paging);
}

/** Not repeatable: equal predictions become more predictions. Those with a label that the project lacks are left out without a word. */
export async function importPredictions(
  client: LabelStudioClient,
  projectId: number,
  predictions: readonly { task: number; model_version: string; score: number; result: Annotation["result"] }[],
): Promise<void> {
  await client.post(`/api/projects/${projectId}/import/predictions`, predictions, false);
}

export async function deletePrediction(client: LabelStudioClient, id: number): Promise<void> {
  await client.delete(`/api/predictions/${id}/`);
}

/** Whose suggestions labelers begin with. It has to have some. */
export async function showSuggestionsOf(client: LabelStudioClient, projectId: number, version: string): Promise<void> {
  await client.patch(`/api/projects/${projectId}/`, { model_version: version });
}

/** How many tasks of a project meet all conditions. */
export async function countTasks(
  client: LabelStudioClient,
  projectId: number,
  filters: readonly Filter[],
): Promise<number> {
  const query = taskQuery(projectId, { after: 0, size: 1, fields: "include=id", filters });
  return read(z.object({ total: z.number() }), await client.get(query)).total;
}

/** Not repeatable: equal tasks become more tasks. */
export async function importTasks(
  client: LabelStudioClient,
  projectId: number,
  tasks: readonly Omit<Task, "id">[],
): Promise<void> {
  await client.post(`/api/projects/${projectId}/import?commit_to_project=true`, tasks, false);
}

export async function changeTask(
  client: LabelStudioClient,
  id: number,
  changes: Partial<Omit<Task, "id">>,
): Promise<void> {
  await client.patch(`/api/tasks/${id}/`, changes);
}

/** Deletes a task that is there twice. */
export async function deleteTask(client: LabelStudioClient, id: number): Promise<void> {
  await client.delete(`/api/tasks/${id}/`);
}

export async function changeResult(
  client: LabelStudioClient,
  annotationId: number,
  result: Annotation["result"],
): Promise<void> {
  await client.patch(`/api/annotations/${annotationId}/`, { result });
}

/** The people of this Label Studio. */
export async function listUsers(client: LabelStudioClient): Promise<User[]> {
  return read(z.array(user), await client.get("/api/users/"));
}

/** Whoever has it can sign up. */
export async function inviteLink(client: LabelStudioClient): Promise<string> {
  const { invite_url: path } = read(z.object({ invite_url: z.string() }), await client.get("/api/invite"));
  return new URL(path, `${client.url}/`).href;
}

interface Paging {
  after: number;
  size: number;
  fields: string;
  filters: readonly Filter[];
}

/** By id and not by page number: tasks that come and go meanwhile move nothing. */
async function* pages<T extends { id: number }>(
  client: LabelStudioClient,
  projectId: number,
  schema: z.ZodType<T>,
  paging: Paging,
): AsyncGenerator<T> {
  const page = z.object({ tasks: z.array(schema) });
  for (let after = paging.after; ;) {
    const { tasks } = read(page, await client.get(taskQuery(projectId, { ...paging, after })));
    yield* tasks;
    if (tasks.length < paging.size) return;
    after = tasks.at(-1)?.id ?? after;
  }
}

function taskQuery(projectId: number, { after, size, fields, filters }: Paging): string {
  const conditions: Filter[] = [{ field: "id", operator: "greater", value: after, type: "Number" }, ...filters];
  const query = {
    ordering: ["tasks:id"],
    filters: {
      conjunction: "and",
      items: conditions.map(({ field, ...condition }) => ({ filter: `filter:tasks:${field}`, ...condition })),
    },
  };
  return `/api/tasks/?project=${projectId}&page_size=${size}&${fields}&query=${encodeURIComponent(JSON.stringify(query))}`;
}

function read<T>(schema: z.ZodType<T>, answer: unknown): T {
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  throw new UserError(
    `Label Studio answered in a form that is not known here: ${z.prettifyError(result.error).replaceAll("\n", " ").slice(0, 300)}. ` +
      "This program is made for Label Studio 1.23.",
  );
}
