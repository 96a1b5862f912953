import { z } from "zod";
import { UserError } from "../errors";
import type { LabelStudioClient } from "./client";
import { hasAnnotations, hasNone, hasSkips, type Filter } from "./filters";
import type { Annotation } from "./outcome";
import {
  annotatedTaskSchema,
  annotationSchema,
  projectSchema,
  suggestedTaskSchema,
  taskSchema,
  userSchema,
  type AnnotatedTask,
  type Project,
  type ProjectSettings,
  type SuggestedTask,
  type Task,
  type User,
} from "./wire";

const pageSize = 1000;
const annotatedPageSize = 250;
const projectPage = 100;

/** All projects that the token's owner sees. */
export async function* listProjects(client: LabelStudioClient): AsyncGenerator<Project> {
  const page = z.object({ results: z.array(projectSchema), next: z.string().nullable() });
  for (let number = 1; ; number++) {
    const { results, next } = read(page, await client.get(`/api/projects/?page=${number}&page_size=${projectPage}`));
    yield* results;
    if (!next) return;
  }
}

/** Not repeatable: titles are not unique. */
export async function createProject(client: LabelStudioClient, settings: ProjectSettings): Promise<Project> {
  return read(projectSchema, await client.post("/api/projects/", { ...settings, maximum_annotations: 1 }, false));
}

export async function changeProject(
  client: LabelStudioClient,
  id: number,
  changes: Partial<ProjectSettings>,
): Promise<Project> {
  return read(projectSchema, await client.patch(`/api/projects/${id}/`, changes));
}

/** Annotations of a project, those that skip an image included; counted from themselves, and not from what tasks say of them. */
export async function countAnnotations(client: LabelStudioClient, id: number): Promise<number> {
  const counts = z.object({ total_annotations_number: z.number(), skipped_annotations_number: z.number() });
  const found = read(counts, await client.get(`/api/projects/${id}/`));
  return found.total_annotations_number + found.skipped_annotations_number;
}

/** With all its tasks and annotations. */
export async function deleteProject(client: LabelStudioClient, id: number): Promise<void> {
  await client.delete(`/api/projects/${id}/`);
}

/** The tasks of a project by rising id, those with a higher one than `after`. */
export function listTasks(client: LabelStudioClient, projectId: number, after = 0): AsyncGenerator<Task> {
  return pages(client, projectId, taskSchema, { after, size: pageSize, fields: "include=id,data,meta", filters: [] });
}

/** The tasks that somebody has annotated or skipped, with what was made of them. */
export async function* listAnnotatedTasks(client: LabelStudioClient, projectId: number): AsyncGenerator<AnnotatedTask> {
  const fields = `include=id,data,meta,predictions,annotations,${Object.keys(annotationSchema.shape).join(",")}&fields=all`;
  const paging = { after: 0, size: annotatedPageSize, fields };
  // One after the other, since a filter is all "and" or all "or".
  for (const filters of [[hasAnnotations], [hasNone, hasSkips]])
    yield* pages(client, projectId, annotatedTaskSchema, { ...paging, filters });
}

/** The tasks that meet all conditions, with what models have suggested. */
export function listSuggestions(
  client: LabelStudioClient,
  projectId: number,
  filters: readonly Filter[],
): AsyncGenerator<SuggestedTask> {
  const paging = { after: 0, size: annotatedPageSize, fields: "include=id,data,meta,predictions&fields=all", filters };
  return pages(client, projectId, suggestedTaskSchema, paging);
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
  return read(z.array(userSchema), await client.get("/api/users/"));
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
