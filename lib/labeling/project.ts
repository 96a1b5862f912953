import { combineProblems, UserError } from "../errors";
import { changeProject, countAnnotations, countTasks, createProject, deleteProject, listProjects } from "./api";
import type { Project, ProjectSettings } from "./wire";
import type { LabelStudioClient } from "./client";
import { UnknownOutcome } from "./requestErrors";
import { labelConfig, labelsOf } from "./labelConfig";
import { describeUses, labelUses, renameInAnnotations } from "./labelUse";

/** What a labeling project should be. */
export interface WantedProject {
  /** By which it is found again, whatever people call it. */
  mark: string;
  title: string;
  labels: readonly string[];
  /** What becomes of labels that are no more, in the annotations that have them. */
  renameLabels: Readonly<Record<string, string>>;
  instructions: { text: string; url: string };
}

const createRounds = 4;

/** The project with the mark; should there be several, the one in which people have worked. */
export async function findProject(client: LabelStudioClient, mark: string): Promise<Project | undefined> {
  return (await markedProjects(client, mark))[0];
}

/**
 * Makes the project, or makes it what it should be. To be called by one writer at a time.
 * @throws UserError when a label would go that annotations have
 */
export async function ensureProject(
  client: LabelStudioClient,
  wanted: WantedProject,
  onProgress: (line: string) => void,
): Promise<Project> {
  const found = await findOrCreate(client, wanted);
  const before = labelsOf(found.label_config);
  const gone = before.filter((label) => !wanted.labels.includes(label));
  await refuseUsed(client, found.id, gone, wanted);
  const settings = settingsOf(wanted);
  if (gone.length === 0) return whenDifferent(client, found, settings);
  const renames = Object.fromEntries(Object.entries(wanted.renameLabels).filter(([label]) => gone.includes(label)));
  // With both, so that people who are at work can save.
  const both = labelConfig([...wanted.labels, ...gone]);
  await whenDifferent(client, found, { ...settings, label_config: both });
  // Once more, for who has just then used the old one.
  for (let round = 0; round < 3 && Object.keys(renames).length > 0; round++) {
    const changed = await renameInAnnotations(client, found.id, renames);
    if (changed === 0) break;
    onProgress(`Labels renamed in ${changed} annotations: ${JSON.stringify(renames)}`);
  }
  return whenDifferent(client, found, settings);
}

/** Labels that are to go and are in use, and not to be renamed: a line for each. */
export async function labelProblems(
  client: LabelStudioClient,
  projectId: number,
  gone: readonly string[],
  { labels, renameLabels }: Pick<WantedProject, "labels" | "renameLabels">,
): Promise<string[]> {
  const unnamed = gone.filter((label) => !Object.hasOwn(renameLabels, label));
  if (unnamed.length === 0) return [];
  return describeUses(await labelUses(client, projectId, unnamed), labels);
}

async function refuseUsed(client: LabelStudioClient, id: number, gone: readonly string[], wanted: WantedProject) {
  const problems = await labelProblems(client, id, gone, wanted);
  if (problems.length > 0) throw combineProblems("Labels cannot be taken away from people's work:", problems);
}

async function findOrCreate(client: LabelStudioClient, wanted: WantedProject): Promise<Project> {
  for (let round = 1; ; round++) {
    const [found, ...others] = await markedProjects(client, wanted.mark);
    // Creations that were done after all, when nobody waited for them any more.
    for (const { id } of others) if ((await countTasks(client, id, [])) === 0) await deleteProject(client, id);
    if (found) return found;
    try {
      return await createProject(client, settingsOf(wanted));
    } catch (error) {
      // It may be there all the same, so it is looked for again.
      if (!(error instanceof UnknownOutcome)) throw error;
      if (round >= createRounds) throw new UserError(`${error.message}. Look at its log, and run this again.`);
    }
  }
}

/**
 * The one with the most work of people first, then that with the most tasks, then the oldest: one whose creation was done
 * late, when another one was made already, is empty, and may be the older one.
 */
async function markedProjects(client: LabelStudioClient, mark: string): Promise<Project[]> {
  const found: Project[] = [];
  for await (const project of listProjects(client))
    if (project.description.includes(markText(mark))) found.push(project);
  if (found.length < 2) return found;
  const weighed: { project: Project; annotations: number; tasks: number }[] = [];
  for (const project of found) {
    const annotations = await countAnnotations(client, project.id);
    weighed.push({ project, annotations, tasks: await countTasks(client, project.id, []) });
  }
  weighed.sort((a, b) => b.annotations - a.annotations || b.tasks - a.tasks || a.project.id - b.project.id);
  return weighed.map(({ project }) => project);
}

function settingsOf({ title, mark, labels, instructions }: WantedProject): ProjectSettings {
  return {
    title,
    description: `Kept by Pulumi, which finds it by this mark; leave it here. ${markText(mark)}`,
    label_config: labelConfig(labels),
    expert_instruction: instructionsHtml(instructions),
    show_instruction: instructions.text !== "" || instructions.url !== "",
  };
}

function markText(mark: string): string {
  return `[objectdetection:${mark}]`;
}

async function whenDifferent(client: LabelStudioClient, project: Project, wanted: ProjectSettings): Promise<Project> {
  const names = Object.keys(wanted) as (keyof ProjectSettings)[];
  const isSame = names.every((name) => project[name] === wanted[name]);
  return isSame ? project : changeProject(client, project.id, wanted);
}

/** What labelers see before they begin; Label Studio takes HTML. */
export function instructionsHtml({ text, url }: WantedProject["instructions"]): string {
  const escaped = (plain: string) =>
    plain.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`).replaceAll("\n", "<br>");
  return [text && `<p>${escaped(text)}</p>`, url && `<p><a href="${escaped(url)}">${escaped(url)}</a></p>`]
    .filter(Boolean)
    .join("");
}
