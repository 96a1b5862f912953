import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { commandLine } from "../commands/command";
import { parse, stringify } from "yaml";
import type { Platform } from "../../contract/index";
import { LocalClient } from "../../local/client";
import { runningCloud } from "../../local/emulator/control";
import type { CloudRecord } from "../../local/environment";
import { finished, LocalProject } from "./local";

export const rolloutSteps = [10, 50, 100];

const prefix = "azure-ml-object-detection";

/** The program's stack on a local cloud of its own, whose configuration is changed from one `up` to the next. */
export class ServingStack {
  private constructor(readonly project: LocalProject) {}

  static async create(): Promise<ServingStack> {
    return new ServingStack(await LocalProject.create());
  }

  file(name: string): string {
    return join(this.project.folder, `${name}.yml`);
  }

  async writeJob(name: string, epochs: number): Promise<void> {
    const job = parse(await readFile("jobs/yolov5.yml", "utf8")) as object;
    const settings = { number_of_epochs: epochs, model_size: "small", early_stopping: false };
    await writeFile(this.file(name), stringify({ ...job, display_name: name, training_parameters: settings }));
  }

  /** The jobs that are trained, and what else is not as in Pulumi.local.yaml: `model`, `rollout`, and keys of `serving`. */
  async configure(jobs: string[], { rollout = {}, model = {}, ...serving }: Record<string, unknown> = {}) {
    const settings = parse(await readFile("Pulumi.local.yaml", "utf8")) as { config: Record<string, unknown> };
    Object.assign(settings.config, {
      [`${prefix}:training`]: { jobs: jobs.map((job) => this.file(job)) },
      [`${prefix}:labeling`]: { service: "none" },
      [`${prefix}:model`]: { minimumMetric: 0, ...(model as object) },
      [`${prefix}:serving`]: {
        allowInsecureConnections: true,
        namespace: "detection",
        concurrency: 8,
        queueSeconds: 20,
        batch: { miniBatchSize: 20 },
        apiServer: { private: true },
        upgradeChannel: "patch",
        ...serving,
        // The machine that tests is shared, and latency is not what these are about.
        rollout: {
          steps: rolloutSteps,
          bakeSeconds: 1,
          probeImages: 4,
          maxLatencyRatio: 100,
          minAgreement: 0,
          ...(rollout as object),
        },
      },
    });
    await writeFile(this.file("config"), stringify(settings));
  }

  start(command: "up" | "refresh" | "destroy") {
    const flags = command === "destroy" ? ["--yes"] : ["--yes", "--skip-preview"];
    return this.project.start(["pulumi", command, ...flags, "--config-file", this.file("config")]);
  }

  run(command: "up" | "refresh" | "destroy"): Promise<{ status: number; output: string }> {
    return finished(this.start(command));
  }

  async platform(): Promise<Platform> {
    return (await this.json("pulumi", "stack", "output", "platform", "--json")) as Platform;
  }

  /** Types of what the state has. */
  async types(): Promise<string[]> {
    const { deployment } = (await this.json("pulumi", "stack", "export")) as {
      deployment: { resources?: { type: string }[] };
    };
    return (deployment.resources ?? []).map(({ type }) => type);
  }

  async record(): Promise<CloudRecord> {
    const record = await runningCloud(this.project.folder);
    if (!record) throw new Error("the local cloud does not run");
    return record;
  }

  async withClient<R>(action: (client: LocalClient) => Promise<R>): Promise<R> {
    const client = await LocalClient.connect(await this.record());
    return action(client).finally(() => client.close());
  }

  /** What `eval "$(npm run -s local:env)"` sets. */
  async environment(): Promise<Record<string, string>> {
    const { output } = await this.project.run("env");
    return Object.fromEntries(
      [...output.matchAll(/export (\w+)='([^']*)'/g)].map(([, name = "", value = ""]) => [name, value]),
    );
  }

  /** `npm run -s endpoint:score -- ARGS` in that environment. */
  async score(...args: string[]): Promise<{ status: number; output: string }> {
    const child = spawn(process.execPath, commandLine("endpointScore", args), {
      env: { ...process.env, ...(await this.environment()) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return finished(child);
  }

  private async json(...args: string[]): Promise<unknown> {
    const { output } = await this.project.run(...args);
    return JSON.parse(output.slice(output.indexOf("{")));
  }
}
