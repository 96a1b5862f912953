import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { UserError } from "../lib/errors";
import { showWarning } from "../lib/terminal";
import { azureNativeFolder } from "./azureNative/plugin";
import { LocalClient } from "./client";
import type { Engine } from "./engine";
import { cloudEnvironment, withoutAzure, type CloudRecord } from "./environment";
import { interruptedStatus } from "../lib/exitStatus";
import { projectName } from "../lib/project";
import { labelingEnvironment } from "./labeling/control";
import { noteMade, type ExportedStack } from "./pendingCreates";
import { policyStarterFolder } from "./policies";
import { defaultStack, writeStackConfig } from "./stackChoice";
import { projectFolder, type StateFolders } from "./state";

/**
 * The passphrase of the local stack. It protects nothing and need not: whoever can read the stack's state can read the local
 * cloud itself, beside it.
 */
const passphrase = "local";

/** Time that the engine gets to end what is under way after an interruption, before it is stopped at once. */
const interruptionMs = 8_000;

/** A Pulumi project: its folder, and its name in Pulumi.yaml. */
export interface Project {
  folder: string;
  name: string;
}

const thisProject: Project = { folder: projectFolder, name: projectName };

/** The real Pulumi CLI, against the local cloud. */
export class LocalStack {
  private constructor(
    private readonly engine: Engine,
    private readonly environment: NodeJS.ProcessEnv,
    private readonly folders: StateFolders,
    private readonly project: Project,
    private readonly name: string,
  ) {}

  /**
   * Prepares backend and stack; the caller has made sure that no engine is at work on them.
   * @param name of the stack, which is made when it is not there
   * @param project another program, to be run against the local cloud as well
   */
  static async open(
    engine: Engine,
    record: CloudRecord,
    folders: StateFolders,
    { name = defaultStack, project = thisProject }: { name?: string; project?: Project } = {},
  ): Promise<LocalStack> {
    const backend = join(folders.pulumi, "backend");
    const home = join(folders.pulumi, "home");
    for (const folder of [backend, home]) await mkdir(folder, { recursive: true, mode: 0o700 });
    const environment: NodeJS.ProcessEnv = {
      ...withoutPulumi(withoutAzure(process.env)),
      ...cloudEnvironment(record),
      ...(await labelingEnvironment(folders.root)),
      PATH: [
        ...engine.searchPath,
        azureNativeFolder(process.env),
        policyStarterFolder,
        process.env.PATH ?? "",
        // For an engine that came without the starter of dynamic providers.
        dirname(require.resolve("@pulumi/pulumi/package.json")),
      ].join(delimiter),
      PULUMI_HOME: home,
      PULUMI_BACKEND_URL: `file://${backend}`,
      PULUMI_CONFIG_PASSPHRASE: passphrase,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // The built language host hands on no options of Pulumi.yaml.
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
      ...(project === thisProject ? { PULUMI_NODEJS_TSCONFIG_PATH: "tsconfig.pulumi.json" } : {}),
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      // Makes --event-log known, by which changes are counted.
      PULUMI_DEBUG_COMMANDS: "true",
      // What providers tell ends where the engine's display does.
      ...(process.stdout.isTTY ? { PROGRESS_BARS: "1" } : {}),
    };
    const stack = new LocalStack(engine, environment, folders, project, name);
    await stack.restoreCheckpoint();
    if (!existsSync(stack.checkpointFile)) await stack.init();
    await stack.quietly(["stack", "select", name]);
    await stack.adoptMade(record);
    return stack;
  }

  /**
   * Runs the CLI with its input and output; answers its exit status.
   * @param environment what its environment has besides
   */
  run(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<number> {
    return new Promise((resolve, reject) => {
      let interrupted = false;
      const interrupt = (signal: NodeJS.Signals) => {
        // A terminal has sent its SIGINT to the engine as well.
        if (signal === "SIGTERM" || !process.stdin.isTTY || interrupted) child.kill("SIGINT");
        if (interrupted) return;
        interrupted = true;
        setTimeout(() => child.kill("SIGINT"), interruptionMs).unref();
      };
      // Before it is started: on a busy machine it is at work before its starter goes on.
      process.on("SIGINT", interrupt);
      process.on("SIGTERM", interrupt);
      const child = spawn(this.engine.pulumi, args, {
        cwd: this.project.folder,
        env: { ...this.environment, ...environment },
        stdio: "inherit",
      });
      child.on("error", reject);
      child.on("close", (code) => {
        process.off("SIGINT", interrupt);
        process.off("SIGTERM", interrupt);
        resolve(interrupted ? interruptedStatus : (code ?? 1));
      });
    });
  }

  /** Runs the CLI and answers what it prints. @throws UserError with its message */
  quietly(args: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = spawn(this.engine.pulumi, ["--non-interactive", ...args], {
        cwd: this.project.folder,
        env: this.environment,
        stdio: ["ignore", "pipe", "pipe"],
      });
      const output: Record<"stdout" | "stderr", string> = { stdout: "", stderr: "" };
      for (const name of ["stdout", "stderr"] as const)
        child[name].setEncoding("utf8").on("data", (text: string) => (output[name] += text));
      child.on("error", reject);
      child.on("close", (code) => {
        if (code === 0) resolve(output.stdout);
        else reject(new UserError(`pulumi ${args.join(" ")} failed:\n${output.stderr.trim() || output.stdout.trim()}`));
      });
    });
  }

  /** The CLI writes what a new stack's secrets need beside the project, where the configuration on Azure has its own. */
  private async init(): Promise<void> {
    if (this.name === defaultStack) return void (await this.quietly(["stack", "init", this.name]));
    const folder = dirname(await writeStackConfig(this.name, this.folders));
    await copyFile(join(this.project.folder, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
    await this.quietly(["stack", "init", this.name, "--cwd", folder]);
  }

  private get projectBackend(): string {
    return join(this.folders.pulumi, "backend", ".pulumi");
  }

  private get checkpointFile(): string {
    return join(this.projectBackend, "stacks", this.project.name, `${this.name}.json`);
  }

  /** Takes into the state what an engine that was killed had made and not noted, and leaves nothing open in it. */
  private async adoptMade(record: CloudRecord): Promise<void> {
    if (!(await readFile(this.checkpointFile, "utf8")).includes('"pending_operations"')) return;
    const exported = JSON.parse(await this.quietly(["stack", "export"])) as ExportedStack;
    const client = await LocalClient.connect(record);
    try {
      const begun = exported.deployment.pending_operations?.length ?? 0;
      const noted = await noteMade(exported, client, record.subscriptionId);
      const resources = (count: number) => (count === 1 ? "a resource" : `${count} resources`);
      console.error(
        noted > 0
          ? `taking up ${resources(noted)} that an interrupted run has made`
          : `going on with ${resources(begun)} that an interrupted run was at work on`,
      );
      const file = join(this.folders.pulumi, "mended.json");
      await writeFile(file, JSON.stringify(exported), { mode: 0o600 });
      await this.quietly(["stack", "import", "--file", file]);
      await rm(file);
    } finally {
      await client.close();
    }
  }

  /** A disk that was full cuts the engine's checkpoint short; the one before it lies beside it. */
  private async restoreCheckpoint(): Promise<void> {
    const isWhole = async (file: string) => {
      try {
        JSON.parse(await readFile(file, "utf8"));
        return true;
      } catch {
        return false;
      }
    };
    const backup = `${this.checkpointFile}.bak`;
    if (!existsSync(this.checkpointFile) || (await isWhole(this.checkpointFile))) return;
    if (!(await isWhole(backup))) {
      throw new UserError(
        `The state of the local stack (${this.checkpointFile}) is damaged, and so is its backup. Run "npm run local:reset" to begin anew.`,
      );
    }
    await copyFile(backup, this.checkpointFile);
    showWarning(
      "the state of the local stack was damaged (was the disk full?); the one before it is used. " +
        'If a resource is called already existing now, run "npm run local:reset" to begin anew.',
    );
  }
}

const kept = ["PULUMI_DEBUG_GRPC", "LABELING_BACKUP_DIR"];

/** Without the settings of the user's own Pulumi and Label Studio, which would lead the local stack elsewhere. */
function withoutPulumi(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(
      ([name]) => !/^(PULUMI|LABEL_STUDIO|LABELING)_/.test(name) || kept.includes(name),
    ),
  );
}
