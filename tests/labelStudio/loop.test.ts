import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { listSuggestions } from "../../lib/labeling/api";
import type { ExportReport } from "../../lib/labeling/export/report";
import { readRegion } from "../../lib/labeling/regions";
import { labelInBrowser, takePictures } from "./loopPages";
import { LoopStack, type Instances } from "./loopStack";

const [first, byPeople, arriving] = [108, 75, 20];
const retraining = /Gate: coco128-yolov5-\w+_HD_0: (promoted|held)/;

/** The walk-through's loop, in which `up` is killed as a whole now and then; the tests build on one another. */
describe("labeling, training and pre-labels", () => {
  let stack: LoopStack;

  beforeAll(async () => {
    stack = await LoopStack.create({ first, exportStep: arriving });
    process.env.LABELING_BACKUP_DIR = join(stack.folder, "backups");
  }, 600_000);
  afterAll(async () => {
    delete process.env.LABELING_BACKUP_DIR;
    await stack.remove();
  }, 60_000);

  test("begins with a task for each image, of which two people label the first ones, one in the browser", async () => {
    await stack.killedUp("coco", "POST", /\/import\?/, "answer lost");
    const output = await stack.up("coco");
    expect(output).toMatch(/going on with (a resource|\d+ resources) that an interrupted run was at work on/);
    expect(output).not.toContain("pending operations");
    // They had arrived, and nobody knew.
    expect(output).toContain(`Labeling: ${first} images, 0 new tasks`);
    expect(output).toContain("Pre-labels: none before 75 images are done by people; 0 are");
    expect(await stack.state()).not.toContain("pending_operations");
    const all = await stack.tasks();
    expect([all.length, new Set(all.map(({ data }) => data.path)).size]).toEqual([first, first]);
    expect(await stack.admin.get("/api/projects/")).toMatchObject({ count: 1 });
    await stack.label(all.slice(0, byPeople - 1));
    await labelInBrowser(stack, all[byPeople - 1]);
    // Read by each `up`, and not before.
    const { labeling } = await stack.platform();
    expect(labeling?.progress).toMatchObject({ total: first, labeled: 0 });
    expect(labeling?.lastExport).toBeNull();
  }, 900_000);

  test("exports what they have done, and trains on it", async () => {
    const exported = await stack.command("labelingExport", "--out", join(stack.folder, "out"));
    expect(exported).toMatch(/Exported: cocotrain2017-labels version [0-9a-f]{16}/);
    const output = await stack.killedUp("labeling", "POST", /\/import\/predictions/, "answer lost");
    expect(output).toMatch(new RegExp(`Labels: \\+${byPeople} labeled images, \\+\\d+ boxes, new version`));
    expect(output).toMatch(retraining);
    await stack.up("labeling");
    const { labeling, data, champion } = await stack.platform();
    expect(data.training).toMatchObject({
      name: "cocotrain2017-labels-training",
      version: labeling?.lastExport?.version,
    });
    expect(labeling?.lastExport?.asset).toBe("cocotrain2017-labels");
    const suggested: number[] = [];
    for await (const { predictions } of listSuggestions(stack.admin, await stack.projectId(), [])) {
      for (const { model_version: version, result } of predictions) {
        expect(version).toBe(`[automl-image-detector:${champion.version} of ${champion.bestChild} from 0.05]`);
        suggested.push(result.length);
      }
    }
    expect(suggested).toHaveLength(first - byPeople);
    expect(Math.max(...suggested)).toBeGreaterThan(0);
    expect(labeling?.progress).toMatchObject({ total: first, labeled: byPeople, left: first - byPeople });
    expect(labeling?.progress.byLabeler).toHaveLength(2);
    const preview = await stack.run("labeling", "preview");
    expect(preview).toMatch(/Labels: unchanged, version \w{16} \(75 images/);
    expect(preview).not.toMatch(
      /(TrainingJob|LabelingExport|LabelingAssist|ChampionVersion) \S+ (update|create|replace)/,
    );
    await takePictures(stack);
  }, 900_000);

  /** The first suggestion of each image is taken as it is; the others give way to what is there. */
  async function correct(): Promise<{ kept: number; deleted: number }> {
    const suggested = new Map<number, ReturnType<typeof stack.truthOf>>();
    for await (const { id, predictions } of listSuggestions(stack.admin, await stack.projectId(), [])) {
      const boxes = (predictions[0]?.result ?? []).map(readRegion);
      suggested.set(
        id,
        boxes.flatMap((one) => (typeof one === "string" ? [] : [one.box])),
      );
    }
    const rest = (await stack.tasks()).slice(byPeople);
    const accepted = (id: number) => suggested.get(id)?.slice(0, 1) ?? [];
    await stack.label(rest, ({ id }) => accepted(id));
    const kept = rest.flatMap(({ id }) => accepted(id)).length;
    return { kept, deleted: rest.flatMap(({ id }) => suggested.get(id) ?? []).length - kept };
  }

  test("takes up new images by a command, and retrains by what people have corrected", async () => {
    const { kept, deleted } = await correct();
    await stack.addImages(first, first + arriving);
    // Somebody else's pipeline has put them there.
    expect(
      await stack.run("labeling", "up", "--yes", "--skip-preview", "--target", "**BlobFolder::coco-images"),
    ).toContain("sent");
    const refreshed = await stack.command("labelingRefresh");
    expect(refreshed).toContain(`${arriving} new tasks`);
    expect(refreshed).toContain(`boxes on ${arriving} images`);
    expect(await stack.command("labelingRefresh")).toContain("0 new tasks");
    await stack.label((await stack.tasks()).slice(first));

    const more = first + arriving - byPeople;
    const preview = await stack.run("labeling", "preview");
    expect(preview).toMatch(new RegExp(`Labels: \\+${more} labeled images since version \\w{16}, exported by "up"`));
    await stack.killedUp("labeling", "GET", /^\/api\/tasks\/\?.*predictions,annotations/, "request lost");
    const output = await stack.up("labeling");
    expect(output).toMatch(retraining);
    expect(output).toMatch(
      /pre-labels of \d+ images: \d+ taken as they were, \d+ moved, \d+ deleted, \d+ missed; agreement/,
    );
    const after = await stack.platform();
    expect(after.data.training.version).toBe(after.labeling?.lastExport?.version);
    expect(after.labeling?.progress).toMatchObject({ labeled: first + arriving, left: 0 });
    await stack.command("labelingExport", "--out", join(stack.folder, "out"));
    const report = JSON.parse(await readFile(join(stack.folder, "out", "report.json"), "utf8")) as ExportReport;
    expect(report.images.labeled + report.images.empty).toBe(first + arriving);
    expect(report.preLabels.images).toBe(more);
    expect(report.preLabels.unchanged).toBeGreaterThanOrEqual(kept);
    expect(report.preLabels.deleted).toBeGreaterThan(0);
    expect(report.preLabels.deleted).toBeGreaterThanOrEqual(Math.min(1, deleted));
    expect(await stack.run("labeling", "preview", "--expect-no-changes")).toContain("unchanged");
  }, 900_000);

  test("goes with the whole stack when that is wanted, after an export that stays", async () => {
    const id = await stack.projectId();
    stack.deleteAnnotations = true;
    await stack.run("labeling", "up", "--yes", "--skip-preview", "--target", "**LabelStudioProject::*");
    const output = await stack.run("labeling", "destroy", "--yes", "--skip-preview");
    const all = first + arriving;
    expect(output).toMatch(
      new RegExp(`what people made of ${all} images is in https:\\S+/labeling/\\w+/exports/\\S+/`),
    );
    const [, place = ""] = new RegExp(`what people made of ${all} images is in (/\\S+)`).exec(output) ?? [];
    expect(place.startsWith(join(stack.folder, "backups", "cocotrain2017-"))).toBe(true);
    await expect(stack.admin.get(`/api/projects/${id}/`)).rejects.toThrow(/404/);
    const { images, annotations } = JSON.parse(await readFile(join(place, "instances.json"), "utf8")) as Instances;
    expect([images.length, annotations.length > all]).toEqual([all, true]);
    expect((await readFile(join(place, "annotations.jsonl"), "utf8")).trimEnd().split("\n")).toHaveLength(all);
  }, 600_000);
});
