import { spawn } from "node:child_process";
import { messageOf, UserError } from "../lib/errors";
import { showError } from "../lib/terminal";
import { startCloud } from "./emulator/control";
import { clientEnvironment } from "./exports";
import { withoutAzure } from "./environment";
import { labelingEnvironment } from "./labeling/control";
import type { StateFolders } from "./state";

/** Exit status where the command did not run at all, as shells have it: other ones are the command's own. */
export const didNotRun = 126;

/** Runs any command with an environment that points Azure clients at the local cloud, and at Label Studio where that is used. */
export async function execInCloud(
  { root }: StateFolders,
  args: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const [command, ...rest] = args;
  if (command === undefined) throw new UserError("Name the command to run: exec COMMAND ARGS.");
  let environment: NodeJS.ProcessEnv;
  try {
    const record = await startCloud(root, signal);
    environment = {
      ...withoutAzure(process.env),
      ...(await clientEnvironment(record)),
      ...(await labelingEnvironment(root)),
    };
  } catch (error) {
    if (signal.aborted) throw error;
    showError(messageOf(error));
    return didNotRun;
  }
  const child = spawn(command, rest, { stdio: "inherit", env: environment });
  const end = () => child.kill("SIGINT");
  signal.addEventListener("abort", end, { once: true });
  return new Promise((resolve) => {
    child.on("error", (error) => {
      showError(`${command} does not run: ${error.message}`);
      resolve(didNotRun);
    });
    child.on("close", (code) => {
      signal.removeEventListener("abort", end);
      resolve(code ?? 1);
    });
  });
}
