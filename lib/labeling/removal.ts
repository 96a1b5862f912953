import type { ContainerClient } from "@azure/storage-blob";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { uploadFolder } from "../azure/upload";
import { messageOf, UserError } from "../errors";
import { countAnnotations, deleteProject } from "./api";
import { countTouched, writeBackup, type BackupSettings } from "./backup";
import { folderOf } from "./mark";

export interface RemovalSettings extends BackupSettings {
  title: string;
  mark: string;
  projectUrl: string;
  /** Whether the project goes although people have worked in it. */
  deleteAnnotations: boolean;
  /** Of the images; undefined where it is gone already. */
  container: ContainerClient | undefined;
  print: (line: string) => void;
}

/** Names another folder than the one below for what a deleted project held. */
const folderVariable = "LABELING_BACKUP_DIR";
const defaultFolder = "labeling-backups";
/** People may be at work meanwhile. */
const mostRounds = 5;

/**
 * Removes a project, or leaves it in Label Studio when people have worked in it. What they have made is written to the container
 * before, and to a folder of this machine when the project goes: the container may go next.
 * @throws UserError when it cannot be written; nothing is removed then
 */
export async function removeProject(settings: RemovalSettings): Promise<void> {
  const { client, projectId, container, mark, title, projectUrl, deleteAnnotations, print } = settings;
  const temporary = await mkdtemp(join(tmpdir(), "labels-"));
  try {
    const time = new Date().toISOString().replaceAll(":", "-");
    const images = await backUpAll(settings, temporary);
    if (images > 0) {
      const what = `Labeling: what people made of ${images} images is in`;
      if (container) {
        const prefix = `${folderOf(mark)}/exports/${time}/`;
        await uploadFolder({ container, folder: temporary, property: "labels", prefix });
        print(`${what} ${container.url}/${prefix}`);
      }
      if (!deleteAnnotations) {
        print(
          `warning: ${projectUrl} is kept, since people have worked on ${images} of its images. The next "pulumi up" takes it over. ` +
            "For a destroy to delete it, set labeling.deleteAnnotations and run up before.",
        );
        return;
      }
      print(`${what} ${await keepHere(temporary, `${title.replace(/[^\w.-]+/g, "_")}-${time}`)}`);
    }
    await deleteProject(client, projectId);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** @returns of how many images there is something; 0 leaves the folder empty */
async function backUpAll(settings: RemovalSettings, folder: string): Promise<number> {
  for (let round = 1; ; round++) {
    const images = (await countTouched(settings)) === 0 ? 0 : await writeBackup(settings, folder);
    if ((await countTouched(settings)) > images) {
      if (round < mostRounds) continue;
      throw new UserError(`People go on working in ${settings.projectUrl}. Ask them to stop, and run this again.`);
    }
    const annotations = await countAnnotations(settings.client, settings.projectId);
    if (images > 0 || annotations === 0) return images;
    throw new UserError(
      `Label Studio says that ${settings.projectUrl} has ${annotations} annotations, and of no task that it has one, so nothing is ` +
        "deleted. Run this again; when it says so once more, delete the project there by hand.",
    );
  }
}

async function keepHere(from: string, name: string): Promise<string> {
  const folder = resolve(process.env[folderVariable] || defaultFolder, name);
  try {
    await mkdir(folder, { recursive: true });
    await cp(from, folder, { recursive: true });
  } catch (error) {
    throw new UserError(
      `What people have labeled cannot be written to ${folder} (${messageOf(error)}), so nothing of it is deleted. Name a folder that ` +
        `outlives the destroy by ${folderVariable}, and run this again.`,
    );
  }
  return folder;
}
