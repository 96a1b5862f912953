import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A local cloud and stack of their own, in a temporary folder, driven by the commands that a user types. */
export class LocalProject {
  private constructor(readonly folder: string) {}

  static async create(): Promise<LocalProject> {
    return new LocalProject(await mkdtemp(join(tmpdir(), "local-project-")));
  }

  /** Starts `local/cli.ts`; for tests that interrupt it. */
  start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
    return spawn(process.execPath, [require.resolve("tsx/cli"), "local/cli.ts", ...args], {
      env: { ...process.env, LOCAL_STATE_DIR: this.folder, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
  }

  /** Runs a local command to its end. */
  run(...args: string[]): Promise<{ status: number; output: string }> {
    return finished(this.start(args));
  }

  async remove(): Promise<void> {
    await this.run("stop");
    await rm(this.folder, { recursive: true, force: true });
  }
}

export function finished(child: ChildProcess): Promise<{ status: number; output: string }> {
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
  return new Promise((resolve) => child.on("close", (code) => resolve({ status: code ?? -1, output })));
}
