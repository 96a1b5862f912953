import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withoutAzure } from "../../local/environment";
import { root, type CommandBlock } from "./commands";

const limitMs = 600_000;
const shownCharacters = 4_000;

/** In place of what would install this project anew: whether it could be. */
const prelude = `
set -euo pipefail
npm() { if [ "$*" = ci ]; then command npm ci --dry-run --offline --no-audit --no-fund >/dev/null; else command npm "$@"; fi; }
`;

/**
 * A folder that looks like the checkout of somebody who has put pictures beside it, as the documents say; its local cloud is
 * its own.
 */
export class Sandbox {
  private constructor(
    readonly folder: string,
    readonly stateFolder: string,
  ) {}

  static async create(): Promise<Sandbox> {
    const place = await mkdtemp(join(tmpdir(), "documents-"));
    const sandbox = new Sandbox(join(place, "checkout"), join(place, "state"));
    for (const folder of [sandbox.folder, sandbox.stateFolder]) await mkdir(folder);
    const shared = (await readdir(root)).filter((name) => name !== ".git" && name !== ".local");
    for (const name of shared) await symlink(join(root, name), join(sandbox.folder, name));
    // The sample belongs to the checkout, wherever the cloud's state is.
    await symlink(join(root, ".local"), join(sandbox.folder, ".local"));
    const sample = join(root, ".local", "sample");
    await symlink(join(sample, "instances.json"), join(sandbox.folder, "instances_train2017.json"));
    await symlink(join(sample, "images"), join(sandbox.folder, "train2017"));
    await symlink(join(sample, "heldout", "images", "000000000001.jpg"), join(sandbox.folder, "IMAGE.jpg"));
    return sandbox;
  }

  /**
   * Runs blocks of one document as one shell session, and answers what it prints.
   * @throws Error with the end of that when one fails; no later one is run then
   */
  run(blocks: readonly CommandBlock[]): Promise<string> {
    const script = blocks.map(({ document, line, text }) => `echo "== ${document}:${line}"\n${text}`).join("\n");
    const { NO_COLOR: _, FORCE_COLOR: __, npm_config_local_prefix: ___, ...environment } = process.env;
    const child = spawn("bash", ["-c", prelude + script], {
      cwd: this.folder,
      env: {
        ...withoutAzure(environment),
        INIT_CWD: this.folder,
        LOCAL_STATE_DIR: this.stateFolder,
        PREFIX: "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/train2017/",
      },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: limitMs,
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    return new Promise((resolve, reject) =>
      child.on("close", (code) => {
        if (code === 0) resolve(output);
        else reject(new Error(`The commands ended with status ${code}:\n${output.slice(-shownCharacters)}`));
      }),
    );
  }

  async remove(): Promise<void> {
    await this.run([{ document: "", line: 0, marker: "", text: "npm run local:stop" }]);
    await rm(join(this.folder, ".."), { recursive: true, force: true });
  }
}
