import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parse } from "yaml";
import { z } from "zod";
import { judgeSize, type Findings } from "./size";

const mlTable = z.object({
  paths: z.array(
    z.object({ file: z.string().optional(), folder: z.string().optional(), pattern: z.string().optional() }),
  ),
  transformations: z.array(z.unknown()).default([]),
});

/**
 * Checks a local MLTable folder as far as that can be done before anything is uploaded: that it has an MLTable, that the
 * files which that names are there, and that the lines of its JSONL have an image and the label column.
 * @param folder relative to the program
 * @param labelColumn the job's target_column_name
 */
export async function checkTable(folder: string, labelColumn: string): Promise<Findings> {
  const file = join(folder, "MLTable");
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined)
    return problem(`${folder} has no file MLTable, which a folder of type mltable needs. Add it.`);
  let table: z.output<typeof mlTable>;
  try {
    table = mlTable.parse(parse(text));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error).replaceAll("\n", " ") : (error as Error).message;
    return problem(`${file} is no MLTable (paths: a list of {file}, {folder} or {pattern}): ${why}`);
  }
  const places = table.paths.flatMap(({ file: one, folder: all }) => one ?? all ?? []).filter((place) => !isUrl(place));
  const missing: string[] = [];
  for (const place of places) if (!(await stat(join(folder, place)).catch(() => undefined))) missing.push(place);
  if (missing.length > 0) {
    return {
      problems: missing.map((place) => `${file} names ${place}, which is not there. Add it, or mend the MLTable.`),
      warnings: [],
    };
  }
  if (!JSON.stringify(table.transformations).includes("read_json_lines")) return { problems: [], warnings: [] };
  const lines = await readLines(
    places.map((place) => join(folder, place)),
    labelColumn,
  );
  return lines.problems.length > 0 ? lines : judgeSize(folder, lines);
}

/** Counts the lines of JSONL files; the first one that cannot be used is the problem. */
async function readLines(files: readonly string[], labelColumn: string) {
  const found = { images: 0, labels: {} as Record<string, number>, problems: [] as string[], warnings: [] as string[] };
  for (const file of files) {
    if (!(await stat(file)).isFile()) continue;
    let number = 0;
    for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
      number++;
      if (text.trim() === "") continue;
      const wrong = readLine(text, labelColumn, found);
      if (wrong) return { ...found, problems: [`${file}, line ${number}: ${wrong}`] };
    }
  }
  return found;
}

const boxes = z.array(z.object({ label: z.union([z.string(), z.number()]) }));

/** Adds a line to the counts. Answers what is wrong with it. */
function readLine(
  text: string,
  labelColumn: string,
  found: { images: number; labels: Record<string, number> },
): string | undefined {
  let row: unknown;
  try {
    row = JSON.parse(text);
  } catch {
    return "it is no JSON. Each line is one JSON object.";
  }
  const columns = row !== null && typeof row === "object" ? (row as Record<string, unknown>) : {};
  const names = Object.keys(columns).join(", ") || "none";
  if (typeof columns.image_url !== "string") return `it has no column image_url (its columns: ${names}).`;
  if (columns[labelColumn] === undefined) {
    return `it has no column "${labelColumn}", the job's target_column_name (its columns: ${names}). Rename the column, or the job's target.`;
  }
  const labeled = boxes.safeParse(columns[labelColumn]);
  if (!labeled.success) return `column "${labelColumn}" is no list of boxes with a label each.`;
  if (labeled.data.length > 0) found.images++;
  for (const { label } of labeled.data) found.labels[label] = (found.labels[label] ?? 0) + 1;
  return undefined;
}

function problem(text: string): Findings {
  return { problems: [text], warnings: [] };
}

function isUrl(place: string): boolean {
  return /^[a-z]+:\/\//.test(place);
}
