import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { plain } from "../commands/command";
import { typescriptOptions } from "../../lib/typescript";
import { LocalClient } from "../../local/client";
import { runningCloud } from "../../local/emulator/control";
import type { CloudRecord } from "../../local/environment";

/** A local cloud and stack of their own, in a temporary folder, driven by the commands that a user types. */
export class LocalProject {
  private constructor(readonly folder: string) {}

  static async create(): Promise<LocalProject> {
    return new LocalProject(await mkdtemp(join(tmpdir(), "local-project-")));
  }

  /** Starts `local/cli.ts`; for tests that interrupt it. */
  start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
    return spawn(process.execPath, [...typescriptOptions, "local/cli.ts", ...args], {
      env: { ...plain(process.env), LOCAL_STATE_DIR: this.folder, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
  }

  /** Runs a local command to its end. */
  run(...args: string[]): Promise<{ status: number; output: string }> {
    return finished(this.start(args));
  }

  /** A collection of the workspace, by the path below it. */
  async list<T>(path: string): Promise<T> {
    const { output } = await this.run("env");
    const variables = new Map([...output.matchAll(/export (\w+)='([^']*)'/g)].map(([, name, value]) => [name, value]));
    const [collection = "", query = ""] = path.split("?");
    const workspace =
      `/subscriptions/${variables.get("AZURE_SUBSCRIPTION_ID")}/resourceGroups/${variables.get("AZURE_RESOURCE_GROUP")}` +
      `/providers/Microsoft.MachineLearningServices/workspaces/${variables.get("AZURE_ML_WORKSPACE")}`;
    const found = await this.withClient((client) =>
      client.arm<T>("GET", `${workspace}/${collection}`, `2025-12-01${query && `&${query}`}`),
    );
    if (!found) throw new Error(`${path} is not there`);
    return found;
  }

  /** The text of a blob, read with the deployer's identity. */
  blob(uri: string): Promise<string> {
    return this.withClient((client) => client.blob(uri));
  }

  /** Asks the running cloud with the deployer's identity. */
  async withClient<T>(ask: (client: LocalClient, record: CloudRecord) => Promise<T>): Promise<T> {
    const record = await runningCloud(this.folder);
    if (!record) throw new Error("the local cloud does not run");
    const client = await LocalClient.connect(record);
    try {
      return await ask(client, record);
    } finally {
      await client.close();
    }
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
