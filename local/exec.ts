import { spawn } from "node:child_process";
import { UserError } from "../lib/errors";
import { startCloud } from "./emulator/control";
import { clientEnvironment } from "./exports";
import { withoutAzure } from "./environment";
import { labelingEnvironment } from "./labeling/control";
import type { StateFolders } from "./state";

/** Runs any command with an environment that points Azure clients at the local cloud, and at Label Studio where that is used. */
export async function execInCloud(
  { root }: StateFolders,
  args: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const [command, ...rest] = args;
  if (command === undefined) throw new UserError("Name the command to run: exec COMMAND ARGS.");
  const record = await startCloud(root, signal);
  const environment = {
    ...withoutAzure(process.env),
    ...(await clientEnvironment(record)),
    ...(await labelingEnvironment(root)),
  };
  const child = spawn(command, rest, { stdio: "inherit", env: environment });
  const end = () => child.kill("SIGINT");
  signal.addEventListener("abort", end, { once: true });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      signal.removeEventListener("abort", end);
      resolve(code ?? 1);
    });
  });
}
