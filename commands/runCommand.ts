import { UserError } from "../lib/errors";
import { showError } from "../lib/terminal";

/** Runs a command line tool to its end: a mistake of the user shows as its message alone, and any failure as exit status 1. */
export function runCommand(main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    if (error instanceof UserError) showError(error.message);
    else console.error(error);
    process.exitCode = 1;
  });
}
