import { readdir, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { stopCloud } from "./emulator/control";
import type { StateFolders } from "./state";

/** Stops the local cloud and removes all that the local commands have made, and nothing else that lies beside it. */
export async function reset({ root, cloud, pulumi, pictures, sample }: StateFolders): Promise<void> {
  await stopCloud(root);
  const made = [cloud, `${cloud}.lock`, pulumi, pictures];
  // The sample is shared by all state folders of a checkout; it goes with the checkout's own.
  if (dirname(sample) === root) made.push(sample, `${sample}.lock`, ...(await drafts(sample)));
  for (const folder of made) await rm(folder, { recursive: true, force: true });
  await rmdir(root).catch(() => {});
}

/** What a run that was killed left of a sample that it was making. */
async function drafts(sample: string): Promise<string[]> {
  const names = await readdir(dirname(sample)).catch(() => []);
  return names.filter((name) => name.startsWith(`.${basename(sample)}-`)).map((name) => join(dirname(sample), name));
}
