import { execFileSync } from "node:child_process";
import { cp, symlink } from "node:fs/promises";
import { join } from "node:path";
import { LocalClient } from "../../local/client";
import { runningCloud } from "../../local/emulator/control";
import { ensureEngine } from "../../local/engine";
import { LocalStack } from "../../local/stack";
import { projectFolder, stateFolders } from "../../local/state";
import type { LocalProject } from "./local";

/** The program of another team, as it stands in contract/example, on the stack of a local project. */
export class Consumer {
  private constructor(
    private readonly stack: LocalStack,
    private readonly client: LocalClient,
  ) {}

  static async open({ folder }: LocalProject): Promise<Consumer> {
    // It uses the package as it is published.
    execFileSync("npm", ["run", "--silent", "build", "--workspace", "contract"], { cwd: projectFolder });
    const record = await runningCloud(folder);
    if (!record) throw new Error("the local cloud does not run");
    const program = join(folder, "consumer");
    await cp(join(projectFolder, "contract", "example"), program, { recursive: true });
    await symlink(join(projectFolder, "node_modules"), join(program, "node_modules"));
    const folders = stateFolders({ LOCAL_STATE_DIR: folder });
    const project = { folder: program, name: "detector-consumer" };
    const stack = await LocalStack.open(await ensureEngine(), record, folders, { project });
    await stack.quietly(["config", "set", "platformStack", "organization/azure-ml-object-detection/local"]);
    return new Consumer(stack, await LocalClient.connect(record));
  }

  async up(): Promise<Record<string, string>> {
    await this.stack.quietly(["up", "--yes", "--skip-preview"]);
    return JSON.parse(await this.stack.quietly(["stack", "output", "--json"])) as Record<string, string>;
  }

  /** @throws when something would change */
  async changesNothing(): Promise<void> {
    await this.stack.quietly(["preview", "--expect-no-changes"]);
  }

  resource<T>(id: string, apiVersion: string): Promise<T | undefined> {
    return this.client.arm<T>("GET", id, apiVersion);
  }

  async destroy(): Promise<void> {
    await this.stack.quietly(["destroy", "--yes", "--skip-preview"]);
    await this.client.close();
  }
}
