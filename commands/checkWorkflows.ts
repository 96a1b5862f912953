import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { UserError } from "../lib/errors";
import { runCommand } from "./runCommand";

/** Checks the workflows as GitHub reads them: https://github.com/rhysd/actionlint */
const actionlint = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12";

/** Go builds the linter at the first time, and keeps it in its cache. */
async function main(): Promise<void> {
  const cwd = join(__dirname, "..");
  const { status, error } = spawnSync("go", ["run", actionlint, "-color=false"], { cwd, stdio: "inherit" });
  if (error && "code" in error && error.code === "ENOENT")
    return console.log("SKIPPED: the workflows were not checked, since Go is not installed (https://go.dev/dl).");
  if (status !== 0) throw new UserError("The workflows have mistakes, or actionlint could not be built; see above.");
  console.log("The workflows are sound.");
}

runCommand(main);
