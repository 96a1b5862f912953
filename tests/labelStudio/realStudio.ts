import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CloudRecord } from "../../local/environment";
import { labelingEnvironment, startLabeling, stopLabeling } from "../../local/labeling/control";
import { LabelStudioClient } from "../../lib/labeling/client";

/** Label Studio as it is installed, with a state folder of its own. */
export class RealStudio {
  private constructor(
    private readonly root: string,
    readonly environment: Record<string, string>,
    readonly client: LabelStudioClient,
  ) {}

  static async start(cloud: CloudRecord): Promise<RealStudio> {
    const root = await mkdtemp(join(tmpdir(), "studio-"));
    await startLabeling(root, cloud, console.log);
    const environment = await labelingEnvironment(root);
    const { LABEL_STUDIO_URL: url = "", LABEL_STUDIO_API_KEY: token = "" } = environment;
    return new RealStudio(root, environment, new LabelStudioClient({ url, token }));
  }

  /** Kills Label Studio as a power cut would. */
  async kill(): Promise<void> {
    const record = JSON.parse(await readFile(join(this.root, "labeling", "service.json"), "utf8")) as { pid: number };
    process.kill(record.pid, "SIGKILL");
  }

  async startAgain(cloud: CloudRecord): Promise<void> {
    await startLabeling(this.root, cloud, console.log);
  }

  async remove(): Promise<void> {
    await stopLabeling(this.root);
    await rm(this.root, { recursive: true, force: true });
  }
}
