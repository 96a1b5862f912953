import { existsSync } from "node:fs";
import { readdir, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { stopCloud } from "./emulator/control";
import { labelingFolder, stopLabeling } from "./labeling/control";
import type { StateFolders } from "./state";

/** Stops the local cloud and removes all that the local commands have made, and nothing else that lies beside it. */
export async function reset({ root, cloud, pulumi, pictures, sample }: StateFolders): Promise<void> {
  await stopLabeling(root);
  await stopCloud(root);
  // LOCAL_STATE_DIR may name a folder that has a "cloud" or "pulumi" of somebody else's in it.
  const made = [`${cloud}.lock`, ...(await scoredPictures(pictures))];
  if (["ports.json", "ca", "db"].some((name) => existsSync(join(cloud, name)))) made.push(cloud);
  if (existsSync(join(pulumi, "backend"))) made.push(pulumi);
  const labeling = labelingFolder(root);
  if (labeling.isOurs) made.push(labeling.folder, `${labeling.folder}.lock`);
  // The sample is shared by all state folders of a checkout; it goes with the checkout's own.
  if (dirname(sample) === root) made.push(sample, `${sample}.lock`, ...(await drafts(sample)));
  for (const folder of made) await rm(folder, { recursive: true, force: true });
  for (const folder of [pictures, root]) await rmdir(folder).catch(() => {});
}

async function scoredPictures(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => /^scored-.*\.png$/.test(name)).map((name) => join(folder, name));
}

/** What a run that was killed left of a sample that it was making. */
async function drafts(sample: string): Promise<string[]> {
  const names = await readdir(dirname(sample)).catch(() => []);
  return names.filter((name) => name.startsWith(`.${basename(sample)}-`)).map((name) => join(dirname(sample), name));
}
