import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { FoundEngine } from "./onPath";
import { atLeast, leastVersion, versionOf } from "./version";

const run = promisify(execFile);
const downloadLimitMs = 120_000;

/** The engine of the npm package `pulumi`, which downloads it at first use; undefined where that is refused. */
export async function findByLauncher(
  environment: NodeJS.ProcessEnv,
  onProgress: (line: string) => void,
  signal?: AbortSignal,
): Promise<FoundEngine | undefined> {
  const resolver = join(dirname(require.resolve("pulumi/package.json")), "lib", "resolve.js");
  onProgress("asking the npm launcher for the engine (a download at first use)");
  const script = `require(${JSON.stringify(resolver)}).resolve().then((file) => console.log("engine=" + file), (error) => { console.error(error.message); process.exit(1); })`;
  try {
    const { stdout } = await run(process.execPath, ["-e", script], {
      timeout: downloadLimitMs,
      env: environment,
      signal,
    });
    const pulumi = /engine=(.+)/.exec(stdout)?.[1]?.trim();
    const version = pulumi && (await versionOf(pulumi));
    if (pulumi && version && atLeast(version, leastVersion)) return { pulumi, version };
    onProgress("the npm launcher's engine does not run here");
  } catch (error) {
    signal?.throwIfAborted();
    const reason = (error as { stderr?: string }).stderr?.trim().split("\n").at(-1) || "it took too long";
    onProgress(`the npm launcher could not download the engine (${reason})`);
  }
  return undefined;
}
