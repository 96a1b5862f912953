import { UserError } from "../errors";
import { parseJobFile } from "./parse";
import type { ParsedJob } from "./spec";

/**
 * Reads the job files of a stack, before anything is made of them.
 * @throws UserError with the mistakes of all files
 */
export function parseJobFiles(files: readonly string[]): ParsedJob[] {
  const jobs: ParsedJob[] = [];
  const problems: string[] = [];
  for (const file of files) {
    try {
      jobs.push(parseJobFile(file));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) throw new UserError(problems.join("\n"));
  return jobs;
}
