import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandLine } from "../commands/command";
import { parse, stringify } from "yaml";
import type { Platform } from "../../contract/schema";
import { listTasks } from "../../lib/labeling/api";
import { LabelStudioClient } from "../../lib/labeling/client";
import type { ShareBox } from "../../lib/labeling/regions";
import type { Task } from "../../lib/labeling/wire";
import { startCloud } from "../../local/emulator/control";
import { labelingEnvironment } from "../../local/labeling/control";
import { ensureSample } from "../../local/sample";
import { stateFolders } from "../../local/state";
import { finished, LocalProject } from "../e2e/local";
import { killTree } from "../e2e/processes";
import { annotate } from "./labelingCloud";
import { prepareStudio, signUp, type Labeler } from "./realStudio";
import { StudioProxy, type StudioFault } from "./studioProxy";

export interface Instances {
  images: { id: number; file_name: string; width: number; height: number }[];
  annotations: { image_id: number; category_id: number; bbox: [number, number, number, number] }[];
  categories: { id: number; supercategory: string }[];
}

/** What the stack trains on. */
type Training = "coco" | "labeling";

export interface LoopSettings {
  /** Images that are there from the start. */
  first: number;
  /** How many images more are done before an `up` exports. */
  exportStep: number;
}

/** A local stack that labels a part of the sample in a real Label Studio, driven by the commands that a user types. */
export class LoopStack {
  /** Whether a destroy deletes what people have made. */
  deleteAnnotations = false;

  private constructor(
    private readonly settings: LoopSettings,
    private readonly project: LocalProject,
    /** Of the files that a user has. */
    readonly folder: string,
    private readonly sampleImages: string,
    private readonly coco: Instances,
    readonly admin: LabelStudioClient,
    readonly labelers: readonly [Labeler, Labeler],
    /** What the program takes for Label Studio. */
    private readonly proxy: StudioProxy,
  ) {}

  static async create(settings: LoopSettings): Promise<LoopStack> {
    const [project, folder] = [await LocalProject.create(), await mkdtemp(join(tmpdir(), "loop-"))];
    const sample = await ensureSample(stateFolders().sample);
    const coco = JSON.parse(await readFile(sample.annotationsFile, "utf8")) as Instances;
    const job = parse(await readFile("jobs/yolov5.yml", "utf8")) as Record<string, object>;
    await writeFile(join(folder, "quick.yml"), stringify({ ...job, training_parameters: { number_of_epochs: 24 } }));
    await mkdir(join(folder, "images"));
    await prepareStudio(project.folder, await startCloud(project.folder));
    const { status, output } = await project.run("labeling");
    if (status !== 0) throw new Error(output);
    const { LABEL_STUDIO_URL: url = "", LABEL_STUDIO_API_KEY: token = "" } = await labelingEnvironment(project.folder);
    const admin = new LabelStudioClient({ url, token });
    const labelers = [await signUp(admin, "anna@example.com"), await signUp(admin, "ben@example.com")] as const;
    const proxy = await putBefore(url, join(project.folder, "labeling", "service.json"));
    const made = new LoopStack(settings, project, folder, sample.imagesFolder, coco, admin, labelers, proxy);
    await made.addImages(0, settings.first);
    return made;
  }

  async remove(): Promise<void> {
    await this.proxy.stop();
    await this.project.remove();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Of the sample, into the folder that the stack uploads. */
  async addImages(from: number, to: number): Promise<void> {
    for (const { file_name: name } of this.coco.images.slice(from, to))
      await cp(join(this.sampleImages, name), join(this.folder, "images", name));
  }

  /** Runs a command of the CLI to its end. @throws Error with all that it has printed when it fails */
  async run(trainOn: Training, ...args: string[]): Promise<string> {
    const { status, output } = await this.project.run(...(await this.line(trainOn, args)));
    if (status !== 0) throw new Error(output);
    return output;
  }

  up(trainOn: Training): Promise<string> {
    return this.run(trainOn, "up", "--yes", "--skip-preview");
  }

  /** An `up` of which all processes are killed with SIGKILL at a request to Label Studio; answers what it had printed. */
  async killedUp(trainOn: Training, method: string, path: RegExp, fault: StudioFault): Promise<string> {
    const child = this.project.start(await this.line(trainOn, ["up", "--yes", "--skip-preview"]));
    const ended = finished(child);
    let killed: Promise<void> | undefined;
    this.proxy.faultOf = (asked, url) => {
      if (!killed && (asked !== method || !path.test(url))) return undefined;
      killed ??= killTree(child);
      return fault;
    };
    const { output } = await ended;
    this.proxy.faultOf = () => undefined;
    if (!killed) throw new Error(`it ended before ${method} ${path}:\n${output}`);
    await killed;
    return output;
  }

  /** Runs a command of package.json as a user does. */
  async command(name: string, ...args: string[]): Promise<string> {
    const line = commandLine(name, ["--stack", "local", ...args]);
    const { status, output } = await this.project.run("exec", process.execPath, ...line);
    if (status !== 0) throw new Error(output);
    return output;
  }

  async platform(): Promise<Platform> {
    const { output } = await this.project.run("pulumi", "stack", "output", "platform", "--json");
    return JSON.parse(output.replace(/^[^{]*/, "")) as Platform;
  }

  async state(): Promise<string> {
    return (await this.project.run("pulumi", "stack", "export")).output;
  }

  async projectId(): Promise<number> {
    return Number((await this.platform()).labeling?.project);
  }

  async tasks(): Promise<Task[]> {
    const found: Task[] = [];
    for await (const task of listTasks(this.admin, await this.projectId())) found.push(task);
    return found;
  }

  /** The boxes that are on a task's image. */
  truthOf(task: Task): ShareBox[] {
    const { images, annotations, categories } = this.coco;
    const image = images.find(({ file_name: name }) => name === task.data.path);
    return annotations
      .filter(({ image_id: id }) => id === image?.id)
      .map(({ category_id: category, bbox: [x, y, width, height] }) => ({
        label: categories.find(({ id }) => id === category)?.supercategory ?? "",
        ...{ topX: x / image!.width, topY: y / image!.height },
        ...{ bottomX: (x + width) / image!.width, bottomY: (y + height) / image!.height },
      }));
  }

  /** Two people label in turn. @param more boxes that they draw before those that are there */
  async label(chosen: readonly Task[], more: (task: Task) => ShareBox[] = () => []): Promise<void> {
    for (const [index, task] of chosen.entries())
      await annotate(this.labelers[index % 2].client, task.id, [...more(task), ...this.truthOf(task)]);
  }

  /** A command of the CLI with the stack's configuration. */
  private async line(trainOn: Training, args: readonly string[]): Promise<string[]> {
    const { folder, coco, settings, deleteAnnotations } = this;
    const images = coco.images.slice(0, settings.first);
    const annotations = coco.annotations.filter(({ image_id: id }) => images.some((image) => image.id === id));
    await writeFile(join(folder, "instances.json"), JSON.stringify({ ...coco, images, annotations }));
    const stack = parse(await readFile("Pulumi.local.yaml", "utf8")) as { config: Record<string, unknown> };
    const key = (name: string) => `azure-ml-object-detection:${name}`;
    const [mlAssist, exportOn] = [{ confidence: 0.05 }, trainOn === "coco" ? "manual" : "count"];
    Object.assign(stack.config, {
      [key("data")]: {
        ...{ images: join(folder, "images"), annotations: join(folder, "instances.json") },
        classesFrom: "supercategory",
      },
      [key("training")]: { jobs: [join(folder, "quick.yml")], data: trainOn },
      [key("model")]: { minimumMetric: 0 },
      [key("labeling")]: { exportOn, exportStep: settings.exportStep, mlAssist, deleteAnnotations },
    });
    const file = join(folder, "Pulumi.loop.yaml");
    await writeFile(file, stringify(stack));
    return ["pulumi", ...args, "--config-file", file];
  }
}

/** Leads the local stack to Label Studio by way of a proxy. */
async function putBefore(url: string, recordFile: string): Promise<StudioProxy> {
  const proxy = await StudioProxy.start(url);
  const record = JSON.parse(await readFile(recordFile, "utf8")) as object;
  await writeFile(recordFile, JSON.stringify({ ...record, port: Number(new URL(proxy.url).port) }));
  return proxy;
}
