import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { ensureEngine } from "../../local/engine";
import { typescriptOptions } from "../../lib/typescript";
import { cloudEnvironment, withoutAzure } from "../../local/environment";
import { LocalStack } from "../../local/stack";
import { projectFolder, stateFolders } from "../../local/state";
import { benchCloud } from "./interruption";

const jobs = 1_000;
const seconds = 60;

/** Watches many running jobs of the local stack's workspace at once; requests a second, of all of them together. */
export async function watchManyJobs(): Promise<{ jobs: number; perSecond: number }> {
  const folders = stateFolders();
  const record = await benchCloud(folders.root);
  const stack = await LocalStack.open(await ensureEngine(), record, folders);
  const { workspace, data } = JSON.parse(await stack.quietly(["stack", "output", "platform", "--json"])) as {
    workspace: { id: string };
    data: { training: { id: string } };
  };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      ...typescriptOptions,
      join(__dirname, "watchMain.ts"),
      ...[workspace.id, data.training.id, String(jobs), String(seconds)],
    ],
    { cwd: projectFolder, env: { ...withoutAzure(process.env), ...cloudEnvironment(record) } },
  );
  const { requests, ms } = JSON.parse(stdout.trim()) as { requests: number; ms: number };
  return { jobs, perSecond: (requests * 1000) / ms };
}
