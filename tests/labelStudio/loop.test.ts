import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { Platform } from "../../contract/schema";
import { listSuggestions, listTasks } from "../../lib/labeling/api";
import type { Task } from "../../lib/labeling/wire";
import { LabelStudioClient } from "../../lib/labeling/client";
import type { ExportReport } from "../../lib/labeling/export/report";
import type { Annotation } from "../../lib/labeling/outcome";
import { readRegion, type ShareBox } from "../../lib/labeling/regions";
import { iou } from "../../lib/serving/detections";
import { ensureSample } from "../../local/sample";
import { stateFolders } from "../../local/state";
import { startCloud } from "../../local/emulator/control";
import { labelingEnvironment } from "../../local/labeling/control";
import { chromium, openBrowser } from "../../commands/docsPictures/browser";
import { LocalProject } from "../e2e/local";
import { drawInBrowser, lookAtProject, lookInBrowser } from "./browser";
import { annotate } from "./labelingCloud";
import { prepareStudio, signUp, type Labeler } from "./realStudio";

interface Instances {
  images: { id: number; file_name: string; width: number; height: number }[];
  annotations: { image_id: number; category_id: number; bbox: [number, number, number, number] }[];
  categories: { id: number; supercategory: string }[];
}

const [first, byPeople, arriving] = [108, 75, 20];
const labels = ["person", "food", "animal"];

/** Where a picture is to be written; undefined where none is wanted. */
function pictureFile(name: string): string | undefined {
  const { LABELING_PICTURES: pictures } = process.env;
  return pictures && join(pictures, `labeling-${name}.webp`);
}

/** The walk-through's loop, with the commands that a user types; the tests build on one another. */
describe("labeling, training and pre-labels", () => {
  let project: LocalProject;
  let folder: string;
  let sampleImages: string;
  let coco: Instances;
  let admin: LabelStudioClient;
  let labelers: Labeler[];
  let deleteAnnotations = false;

  beforeAll(async () => {
    project = await LocalProject.create();
    folder = await mkdtemp(join(tmpdir(), "loop-"));
    const sample = await ensureSample(stateFolders().sample);
    sampleImages = sample.imagesFolder;
    coco = JSON.parse(await readFile(sample.annotationsFile, "utf8")) as Instances;
    const job = parse(await readFile("jobs/yolov5.yml", "utf8")) as Record<string, object>;
    await writeFile(join(folder, "quick.yml"), stringify({ ...job, training_parameters: { number_of_epochs: 24 } }));
    await mkdir(join(folder, "images"));
    process.env.LABELING_BACKUP_DIR = join(folder, "backups");
    await addImages(0, first);
    await prepareStudio(project.folder, await startCloud(project.folder));
    const { status, output } = await project.run("labeling");
    if (status !== 0) throw new Error(output);
    const { LABEL_STUDIO_URL: url = "", LABEL_STUDIO_API_KEY: token = "" } = await labelingEnvironment(project.folder);
    admin = new LabelStudioClient({ url, token });
    labelers = [await signUp(admin, "anna@example.com"), await signUp(admin, "ben@example.com")];
  }, 600_000);
  afterAll(async () => {
    delete process.env.LABELING_BACKUP_DIR;
    await project.remove();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  /** Of the sample, into the folder that the stack uploads. */
  async function addImages(from: number, to: number): Promise<void> {
    for (const { file_name: name } of coco.images.slice(from, to))
      await cp(join(sampleImages, name), join(folder, "images", name));
  }

  async function up(trainOn: "coco" | "labeling", ...args: string[]) {
    const settings = parse(await readFile("Pulumi.local.yaml", "utf8")) as { config: Record<string, unknown> };
    const key = (name: string) => `azure-ml-object-detection:${name}`;
    const images = coco.images.slice(0, first);
    const annotations = coco.annotations.filter(({ image_id: id }) => images.some((image) => image.id === id));
    await writeFile(join(folder, "instances.json"), JSON.stringify({ ...coco, images, annotations }));
    Object.assign(settings.config, {
      [key("data")]: {
        ...{ images: join(folder, "images"), annotations: join(folder, "instances.json") },
        classesFrom: "supercategory",
      },
      [key("training")]: { jobs: [join(folder, "quick.yml")], data: trainOn },
      [key("model")]: { minimumMetric: 0 },
      [key("labeling")]: {
        exportOn: trainOn === "coco" ? "manual" : "count",
        exportStep: arriving,
        mlAssist: { confidence: 0.05 },
        deleteAnnotations,
      },
    });
    const file = join(folder, "Pulumi.loop.yaml");
    await writeFile(file, stringify(settings));
    const result = await project.run("pulumi", ...args, "--config-file", file);
    if (result.status !== 0) throw new Error(result.output);
    return result.output;
  }
  const deploy = (trainOn: "coco" | "labeling") => up(trainOn, "up", "--yes", "--skip-preview");

  /** Runs a command of package.json as a user does, on the stack of this test. */
  async function command(name: string, ...args: string[]): Promise<string> {
    const script = join(__dirname, "..", "..", "commands", `${name}.ts`);
    const node = [process.execPath, "--require", require.resolve("tsx/cjs"), script];
    const { status, output } = await project.run("exec", ...node, "--stack", "local", ...args);
    if (status !== 0) throw new Error(output);
    return output;
  }

  const platform = async () =>
    JSON.parse(
      (await project.run("pulumi", "stack", "output", "platform", "--json")).output.replace(/^[^{]*/, ""),
    ) as Platform;

  function truthOf(task: Task): ShareBox[] {
    const image = coco.images.find(({ file_name: name }) => name === task.data.path);
    return coco.annotations
      .filter(({ image_id: id }) => id === image?.id)
      .map(({ category_id: category, bbox: [x, y, width, height] }) => ({
        label: coco.categories.find(({ id }) => id === category)?.supercategory ?? "",
        ...{ topX: x / image!.width, topY: y / image!.height },
        ...{ bottomX: (x + width) / image!.width, bottomY: (y + height) / image!.height },
      }));
  }

  async function tasks(): Promise<Task[]> {
    const id = Number((await platform()).labeling?.project);
    const found: Task[] = [];
    for await (const task of listTasks(admin, id)) found.push(task);
    return found;
  }

  async function label(chosen: readonly Task[]): Promise<void> {
    for (const [index, task] of chosen.entries()) await annotate(labelers[index % 2].client, task.id, truthOf(task));
  }

  const pageOf = async (task: number) => ({
    ...{ url: admin.url, project: (await platform()).labeling?.project ?? "", task },
    ...{ email: "anna@example.com", password: labelers[0].password },
  });

  async function labelInBrowser(task: Task): Promise<void> {
    const [box] = truthOf(task);
    if (!box) throw new Error("there is nothing on the image");
    if (!chromium) {
      console.warn(
        "Chromium is not installed, so drawing a box in the browser is LEFT OUT, and it is sent to the API: apt-get install chromium",
      );
      return label([task]);
    }
    const browser = await openBrowser();
    try {
      const key = (["1", "2", "3"] as const)[labels.indexOf(box.label)];
      await drawInBrowser(browser, await pageOf(task.id), box, key, pictureFile("box"));
    } finally {
      await browser.close();
    }
    const { annotations } = (await admin.get(`/api/tasks/${task.id}/`)) as { annotations: Annotation[] };
    const drawn = readRegion(annotations[0].result[0]);
    if (typeof drawn === "string") throw new Error(drawn);
    expect(drawn.box.label).toBe(box.label);
    expect(iou(drawn.box, box)).toBeGreaterThan(0.9);
  }

  test("begins with a task for each image, of which two people label the first ones, one in the browser", async () => {
    const output = await deploy("coco");
    expect(output).toContain(`Labeling: ${first} images, ${first} new tasks`);
    expect(output).toContain("Pre-labels: none before 75 images are done by people; 0 are");
    const all = await tasks();
    await label(all.slice(0, byPeople - 1));
    await labelInBrowser(all[byPeople - 1]);
    // Read by each `up`, and not before.
    const { labeling } = await platform();
    expect(labeling?.progress).toMatchObject({ total: first, labeled: 0 });
    expect(labeling?.lastExport).toBeNull();
  }, 900_000);

  test("exports what they have done, and trains on it", async () => {
    const exported = await command("labelingExport", "--out", join(folder, "out"));
    expect(exported).toMatch(/Exported: cocotrain2017-labels version [0-9a-f]{16}/);
    const output = await deploy("labeling");
    expect(output).toMatch(new RegExp(`Labels: \\+${byPeople} labeled images, \\+\\d+ boxes, new version`));
    expect(output).toMatch(/Gate: coco128-yolov5-\w+_HD_0: (promoted|held)/);
    expect(output).toMatch(
      new RegExp(`Pre-labels of \\[automl-image-detector:\\d from 0.05\\]: \\d+ boxes on ${first - byPeople} images`),
    );
    const { labeling, data, champion } = await platform();
    expect(data.training).toMatchObject({
      name: "cocotrain2017-labels-training",
      version: labeling?.lastExport?.version,
    });
    expect(labeling?.lastExport?.asset).toBe("cocotrain2017-labels");
    const suggested: number[] = [];
    for await (const { predictions } of listSuggestions(admin, Number(labeling?.project), [])) {
      for (const { model_version: version, result } of predictions) {
        expect(version).toBe(`[automl-image-detector:${champion.version} from 0.05]`);
        suggested.push(result.length);
      }
    }
    expect(suggested).toHaveLength(first - byPeople);
    expect(Math.max(...suggested)).toBeGreaterThan(0);
    expect(labeling?.progress).toMatchObject({ total: first, labeled: byPeople, left: first - byPeople });
    expect(labeling?.progress.byLabeler).toHaveLength(2);
    const preview = await up("labeling", "preview");
    expect(preview).toMatch(/Labels: unchanged, version \w{16} \(75 images/);
    expect(preview).not.toMatch(
      /(TrainingJob|LabelingExport|LabelingAssist|ChampionVersion) \S+ (update|create|replace)/,
    );
    await takePictures();
  }, 900_000);

  /** For the documents: of the project, and of the image with the most suggestions. */
  async function takePictures(): Promise<void> {
    const [project, suggestions] = [pictureFile("project"), pictureFile("suggestions")];
    if (!project || !suggestions) return;
    let most = { task: 0, boxes: -1 };
    for await (const { id, predictions } of listSuggestions(admin, Number((await platform()).labeling?.project), [])) {
      const boxes = predictions[0]?.result.length ?? 0;
      if (boxes > most.boxes) most = { task: id, boxes };
    }
    const page = await pageOf(most.task);
    const browser = await openBrowser();
    try {
      await lookAtProject(browser, page, project);
      await lookInBrowser(browser, page, suggestions);
    } finally {
      await browser.close();
    }
  }

  test("takes up new images by a command, and retrains by what people have corrected", async () => {
    const rest = (await tasks()).slice(byPeople);
    let [kept, deleted] = [0, 0];
    for await (const { id, predictions } of listSuggestions(admin, Number((await platform()).labeling?.project), [])) {
      const task = rest.find((one) => one.id === id);
      if (!task) continue;
      const boxes = (predictions[0]?.result ?? [])
        .map(readRegion)
        .flatMap((one) => (typeof one === "string" ? [] : [one.box]));
      // The first suggestion is taken as it is; the others give way to what is there.
      const [accepted] = boxes;
      kept += accepted ? 1 : 0;
      deleted += Math.max(0, boxes.length - 1);
      await annotate(labelers[id % 2].client, id, [...(accepted ? [accepted] : []), ...truthOf(task)]);
    }
    await addImages(first, first + arriving);
    // Somebody else's pipeline has put them there.
    expect(await up("labeling", "up", "--yes", "--skip-preview", "--target", "**BlobFolder::coco-images")).toContain(
      "sent",
    );
    const refreshed = await command("labelingRefresh");
    expect(refreshed).toContain(`${arriving} new tasks`);
    expect(refreshed).toContain(`boxes on ${arriving} images`);
    expect(await command("labelingRefresh")).toContain("0 new tasks");
    await label((await tasks()).slice(first));

    const more = first + arriving - byPeople;
    const preview = await up("labeling", "preview");
    expect(preview).toMatch(new RegExp(`Labels: \\+${more} labeled images since version \\w{16}, exported by "up"`));
    const output = await deploy("labeling");
    expect(output).toMatch(/Gate: coco128-yolov5-\w+_HD_0: (promoted|held)/);
    expect(output).toMatch(
      /pre-labels of \d+ images: \d+ taken as they were, \d+ moved, \d+ deleted, \d+ missed; agreement/,
    );
    const after = await platform();
    expect(after.data.training.version).toBe(after.labeling?.lastExport?.version);
    expect(after.labeling?.progress).toMatchObject({ labeled: first + arriving, left: 0 });
    await command("labelingExport", "--out", join(folder, "out"));
    const report = JSON.parse(await readFile(join(folder, "out", "report.json"), "utf8")) as ExportReport;
    expect(report.images.labeled + report.images.empty).toBe(first + arriving);
    expect(report.preLabels.images).toBe(more);
    expect(report.preLabels.unchanged).toBeGreaterThanOrEqual(kept);
    expect(report.preLabels.deleted).toBeGreaterThan(0);
    expect(report.preLabels.deleted).toBeGreaterThanOrEqual(Math.min(1, deleted));
    expect(await up("labeling", "preview", "--expect-no-changes")).toContain("unchanged");
  }, 900_000);

  test("goes with the whole stack when that is wanted, after an export that stays", async () => {
    const id = (await platform()).labeling?.project ?? "";
    deleteAnnotations = true;
    await up("labeling", "up", "--yes", "--skip-preview", "--target", "**LabelStudioProject::*");
    const output = await up("labeling", "destroy", "--yes", "--skip-preview");
    const all = first + arriving;
    expect(output).toMatch(
      new RegExp(`what people made of ${all} images is in https:\\S+/labeling/\\w+/exports/\\S+/`),
    );
    const [, place = ""] = new RegExp(`what people made of ${all} images is in (/\\S+)`).exec(output) ?? [];
    expect(place.startsWith(join(folder, "backups", "cocotrain2017-"))).toBe(true);
    await expect(admin.get(`/api/projects/${id}/`)).rejects.toThrow(/404/);
    const { images, annotations } = JSON.parse(await readFile(join(place, "instances.json"), "utf8")) as Instances;
    expect([images.length, annotations.length > all]).toEqual([all, true]);
    expect((await readFile(join(place, "annotations.jsonl"), "utf8")).trimEnd().split("\n")).toHaveLength(all);
  }, 600_000);
});
