import { UserError } from "../errors";
import { titleOf } from "./jobName";
import { parseJobFile } from "./parse";
import type { ParsedJob } from "./spec";

/**
 * Reads the job files of a stack, before anything is made of them.
 * @throws UserError with the mistakes of all files, two jobs of one name among them
 */
export function parseJobFiles(files: readonly string[]): ParsedJob[] {
  const jobs: ParsedJob[] = [];
  const problems: string[] = [];
  const fileOf = new Map<string, string>();
  for (const file of files) {
    try {
      const job = parseJobFile(file);
      const title = titleOf(job);
      const other = fileOf.get(title);
      if (other !== undefined)
        throw new UserError(
          `${file}: it is called "${title}", and so is ${other}. Give one of them another name or display_name.`,
        );
      fileOf.set(title, file);
      jobs.push(job);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) throw new UserError(problems.join("\n"));
  return jobs;
}
