import { showFailure } from "../lib/terminal";

/** Runs a command line tool to its end: a mistake of the user shows as its message alone, and any failure as exit status 1. */
export function runCommand(main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    showFailure(error);
    process.exitCode = 1;
  });
}
