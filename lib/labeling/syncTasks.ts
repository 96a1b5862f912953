import { UserError } from "../errors";
import { inParallel } from "../parallel";
import { changeTask, countTasks, deleteTask, listTasks } from "./api";
import type { Task } from "./wire";
import type { LabelStudioClient } from "./client";
import type { ImageBlob, ImageTasks } from "./images";
import { TaskImport } from "./importBatches";
import type { TaskLedger } from "./taskLedger";

export interface SyncSettings {
  client: LabelStudioClient;
  projectId: number;
  images: AsyncIterable<ImageBlob>;
  tasks: ImageTasks;
  ledger: TaskLedger;
  /** ISO 8601; what a task of a removed image is marked with. */
  now: string;
  onProgress?: (what: "tasks made" | "tasks changed", done: number, total: number) => void;
}

export interface SyncResult {
  /** Images of the folder. */
  images: number;
  added: number;
  /** Tasks that were marked, since their image is gone or is another one now. */
  removed: number;
  /** Tasks whose image came back. */
  restored: number;
  /** Tasks that were there twice, and of which the one without annotations is gone. */
  duplicates: number;
}

interface KnownTask {
  id: number;
  seen: boolean;
  removed: boolean;
  /** A new address, where the task's is to be renewed. */
  address?: string;
}

const changesAtOnce = 4;

const keyOf = (path: unknown, version: unknown) => `${String(path)}\0${String(version)}`;
const taskKey = ({ data, meta }: Omit<Task, "id">) => keyOf(data.path, meta.version);

/** Makes the tasks of a project those of the images: each image has one, and those of other images are marked, never deleted. */
export async function syncTasks(settings: SyncSettings): Promise<SyncResult> {
  const { client, projectId, ledger, tasks, onProgress = () => {} } = settings;
  const importing = new TaskImport(client, projectId, ledger, taskKey);
  await importing.settle();
  const before = await readTasks(settings);
  const { known, highestId } = before;
  const added: Omit<Task, "id">[] = [];
  const restored: KnownTask[] = [];
  let images = 0;
  for await (const image of settings.images) {
    images++;
    const task = known.get(keyOf(image.path, image.version));
    if (!task) added.push(tasks.make(image));
    else {
      task.seen = true;
      if (task.removed) restored.push(task);
    }
  }
  refuseEmpty(images, known.size);
  const rest = [...known.values()].filter(({ removed }) => !removed);
  const gone = rest.filter(({ seen }) => !seen);
  const renewed = rest.filter(({ seen, address }) => seen && address !== undefined);
  await importing.run(added, highestId, (done) => onProgress("tasks made", done, added.length));
  const duplicates = before.duplicates + (await removeLateTasks(settings, before.tasks + added.length));
  const changes = [...restored, ...renewed, ...gone];
  let changed = 0;
  await inParallel(changes, changesAtOnce, async ({ id, seen, address }) => {
    ledger.assertHeld();
    const { data } = (await client.get(`/api/tasks/${id}/`)) as Task;
    const { removed: _, ...kept } = data;
    await changeTask(client, id, {
      data: seen ? { ...kept, image: address ?? data.image } : { ...kept, removed: settings.now },
    });
    onProgress("tasks changed", ++changed, changes.length);
  });
  return { images, added: added.length, removed: gone.length, restored: restored.length, duplicates };
}

/** A request that nobody waited for any more may have been done all the same. */
async function removeLateTasks(settings: SyncSettings, expected: number): Promise<number> {
  const found = await countTasks(settings.client, settings.projectId, []);
  return found > expected ? (await readTasks(settings)).duplicates : 0;
}

async function readTasks({ client, projectId, tasks, ledger }: SyncSettings) {
  const known = new Map<string, KnownTask>();
  let [highestId, duplicates, all] = [0, 0, 0];
  for await (const task of listTasks(client, projectId)) {
    highestId = task.id;
    all++;
    const { path, removed } = task.data;
    // Somebody has made it by hand.
    if (typeof path !== "string" || task.meta.version === undefined) continue;
    const key = taskKey(task);
    const found: KnownTask = {
      ...{ id: task.id, seen: false, removed: removed !== undefined },
      address: tasks.renewed(path, task.data.image),
    };
    const first = known.get(key);
    if (!first) known.set(key, found);
    else {
      ledger.assertHeld();
      if (!(await isTouched(client, found.id))) await deleteTask(client, found.id);
      else if (!(await isTouched(client, first.id))) {
        await deleteTask(client, first.id);
        known.set(key, found);
      } else continue;
      duplicates++;
    }
  }
  return { known, highestId, duplicates, tasks: all - duplicates };
}

/** A folder that cannot be listed, or the wrong one, must not take all tasks for removed. */
function refuseEmpty(images: number, tasks: number): void {
  if (images > 0) return;
  throw new UserError(
    `The folder of the images has none${tasks > 0 ? `, and the labeling project has ${tasks} tasks` : ""}. ` +
      "Upload images to label, or correct data.imagesPrefix.",
  );
}

/** Whether somebody has annotated, skipped or begun a task. */
async function isTouched(client: LabelStudioClient, id: number): Promise<boolean> {
  const { annotations, drafts } = (await client.get(`/api/tasks/${id}/`)) as Partial<Record<string, unknown[]>>;
  return (annotations?.length ?? 0) + (drafts?.length ?? 0) > 0;
}
