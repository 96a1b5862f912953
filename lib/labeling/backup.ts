import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { countTasks, listAnnotatedTasks } from "./api";
import type { LabelStudioClient } from "./client";
import { writeSnapshot } from "./export/snapshot";
import { hasAnnotations, hasNone, hasSkips } from "./filters";
import { countingOf, type People } from "./people";

export interface BackupSettings extends People {
  client: LabelStudioClient;
  projectId: number;
  /** Of the project. */
  labels: readonly string[];
}

/** How many images people have done or skipped. */
export async function countTouched({ client, projectId }: BackupSettings): Promise<number> {
  const done = await countTasks(client, projectId, [hasAnnotations]);
  return done + (await countTasks(client, projectId, [hasNone, hasSkips]));
}

/**
 * Writes all that people have made to a folder: annotations.jsonl, a line {path, version, annotations} an image as Label Studio
 * has it; instances.json, the annotations that count as COCO has them; and report.json, what an export reports.
 * @returns how many images it has
 */
export async function writeBackup(settings: BackupSettings, folder: string): Promise<number> {
  const { client, projectId } = settings;
  await mkdir(folder, { recursive: true });
  let images = 0;
  async function* lines() {
    for await (const { data, meta, annotations } of listAnnotatedTasks(client, projectId)) {
      images++;
      yield `${JSON.stringify({ path: data.path, version: meta.version, annotations })}\n`;
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(join(folder, "annotations.jsonl")));
  const counting = await countingOf(client, settings);
  const { report } = await writeSnapshot({ ...settings, counting, file: join(folder, "instances.json") });
  await writeFile(join(folder, "report.json"), `${JSON.stringify(report, null, 2)}\n`);
  return images;
}
