import { readFile, rename, writeFile } from "node:fs/promises";
import { z } from "zod";

const schema = z.object({
  url: z.string(),
  /** Strong ETag, or date of the last change, by which the server knows the file again; empty when it gave neither. */
  validator: z.string(),
  /** Bytes of the whole file, when the server told. */
  total: z.number().optional(),
});

/** What a part of a file is a part of. */
export type PartRecord = z.output<typeof schema>;

export function recordFile(file: string): string {
  return `${file}.part.json`;
}

/** Undefined when there is none, or it is unusable. */
export async function readRecord(file: string): Promise<PartRecord | undefined> {
  const text = await readFile(recordFile(file), "utf8").catch(() => "");
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export async function writeRecord(file: string, record: PartRecord): Promise<void> {
  const draft = `${recordFile(file)}.${process.pid}`;
  await writeFile(draft, JSON.stringify(record));
  await rename(draft, recordFile(file));
}
