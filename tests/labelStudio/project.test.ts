import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { listProjects } from "../../lib/labeling/api";
import type { Task } from "../../lib/labeling/wire";
import { outcomeOf, type Annotation } from "../../lib/labeling/outcome";
import { until } from "../local/emulator/testCloud";
import { outcome, start } from "../providers/driver";
import { annotate as draw, LabelingCloud } from "./labelingCloud";
import type { RealStudio } from "./realStudio";

interface State {
  projectId: number;
  labels: string[];
  progress: Record<string, unknown>;
  complete: boolean;
  images: string;
  labelersLink: string;
}

describe("a labeling project in Label Studio", () => {
  let place: LabelingCloud;
  let studio: RealStudio;
  let backups: string;

  beforeAll(async () => {
    place = await LabelingCloud.start();
    ({ studio } = place);
    backups = await mkdtemp(join(tmpdir(), "backups-"));
  }, 600_000);
  afterAll(async () => {
    await place.remove();
    await rm(backups, { recursive: true, force: true });
  });

  const put = (path: string, content?: string) => place.put(path, content);
  const putMany = (folder: string, count: number) => place.putMany(folder, count);
  const args = (folder: string, more?: object) => place.args(folder, more);
  const lifecycle = (method: string, ...all: unknown[]) => place.lifecycle<State>("labelingProject", method, ...all);
  /** In a process of its own, which gets the environment as it is now. */
  const apart = async (method: string, ...all: unknown[]) =>
    (await outcome<State>(start(place.cloud.record, "labelingProject", method, all)))!;
  const checked = (inputs: object, olds?: object) => place.checked<State>("labelingProject", inputs, olds);
  const create = (inputs: object) => place.create<State>("labelingProject", inputs);
  const tasks = (projectId: number) => place.tasks(projectId);
  async function projects(): Promise<number> {
    let count = 0;
    for await (const _ of listProjects(studio.client)) count++;
    return count;
  }
  const newestProject = async () => {
    const page = (await studio.client.get("/api/projects/?ordering=-id&page_size=1")) as {
      results: { id: number; task_number: number }[];
    };
    return page.results[0];
  };
  const box = { topX: 0.123456789, topY: 0.25, bottomX: 0.5, bottomY: 0.987654321 };
  const annotate = (id: number, label?: string, more?: object) =>
    draw(studio.client, id, label ? [{ label, ...box }] : [], more);
  const expectEachOnce = (found: Task[], count: number) => {
    expect(new Set(found.map(({ data }) => data.path)).size).toBe(count);
    expect(found.length).toBe(count);
  };

  test("has a task for each image, is found again by its mark, and repeating it changes nothing", async () => {
    await putMany("first", 12);
    await put("first/notes.txt");
    const inputs = await args("first");
    const made = await create(inputs);
    expect(made.progress).toEqual({ total: 12, labeled: 0, skipped: 0, left: 12, preLabeled: 0, byLabeler: [] });
    expect(made.labelersLink).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/user\/signup\/\?token=\w+$/);
    const found = await tasks(made.projectId);
    expectEachOnce(found, 12);
    const shown = await fetch(String(found[0]?.data.image));
    expect([shown.status, await shown.text()]).toEqual([200, "first/0.jpg"]);

    const again = (await checked(inputs, made)).inputs;
    expect((await lifecycle("diff", "id", made, again)).answer).toMatchObject({ changes: false, replaces: [] });
    const [count, second] = [await projects(), await create(inputs)];
    expect([await projects(), second.projectId]).toEqual([count, made.projectId]);
    expect(await tasks(made.projectId)).toEqual(found);
  }, 120_000);

  test("tells progress, which changes no plan, and takes up images that come, go and change", async () => {
    await putMany("second", 6);
    const inputs = await args("second");
    const made = await create(inputs);
    const [a, b, c] = await tasks(made.projectId);
    await annotate(a?.id ?? 0, "person");
    await annotate(b?.id ?? 0);
    await annotate(c?.id ?? 0, undefined, { was_cancelled: true });
    const { props } = (await lifecycle("read", "id", made)).answer as unknown as { props: State };
    expect(props.progress).toMatchObject({ total: 6, labeled: 2, skipped: 1, left: 3 });
    expect(props.progress.byLabeler).toEqual([{ labeler: "labeler-1", images: 3 }]);
    const same = (await checked(inputs, props)).inputs;
    expect((await lifecycle("diff", "id", props, same)).answer).toMatchObject({ changes: false });

    await put("second/new.jpg");
    await put("second/1.jpg", "other pixels");
    await place.container.deleteBlob("second/0.jpg");
    const changed = (await checked(inputs, props)).inputs;
    expect((await lifecycle("diff", "id", props, changed)).answer).toMatchObject({ changes: true, replaces: [] });
    const { answer, printed } = await lifecycle("update", "id", props, changed);
    expect(printed).toContain("Labeling: 6 images, 2 new tasks, 2 removed");
    expect(answer?.outs.progress).toMatchObject({ total: 6, labeled: 0, skipped: 1 });
    const detail = (await studio.client.get(`/api/tasks/${a?.id}/`)) as { annotations: Annotation[] };
    expect(detail.annotations).toHaveLength(1);
    const drawn = outcomeOf(detail.annotations.map((one) => ({ ...one, completed_by: 1 })));
    if (drawn.kind !== "labeled" || !drawn.boxes[0]) throw new Error("the box is gone");
    for (const side of ["topX", "topY", "bottomX", "bottomY"] as const)
      expect(Math.abs(drawn.boxes[0].box[side] - box[side])).toBeLessThan(1e-6);
  }, 120_000);

  test("takes new labels, and lets none go that people have used, unless it is renamed", async () => {
    await putMany("third", 3);
    const made = await create(await args("third"));
    const [a, b] = await tasks(made.projectId);
    for (const task of [a, b]) await annotate(task?.id ?? 0, "food");

    const more = await args("third", { labels: ["person", "food", "animal"] });
    const { failures, inputs: wider } = await checked(more, made);
    expect(failures).toEqual([]);
    const added = (await lifecycle("update", "id", made, wider)).answer!.outs;

    const without = await args("third", { labels: ["person", "animal"] });
    const refused = await checked(without, added);
    expect(refused.failures.map(({ reason }) => reason).join()).toMatch(
      /label "food" is on 2 boxes of 2 images.*renameLabels/,
    );
    const forced = await lifecycle("update", "id", added, refused.inputs);
    expect(forced.thrown?.message).toMatch(/Labels cannot be taken away.*\n.*"food" is on 2 boxes/);

    const renaming = await checked({ ...without, renameLabels: { food: "animal" } }, added);
    expect(renaming.failures).toEqual([]);
    const { answer, thrown } = await lifecycle("update", "id", added, renaming.inputs);
    expect(thrown).toBeUndefined();
    const detail = (await studio.client.get(`/api/tasks/${a?.id}/`)) as { annotations: Annotation[] };
    expect(detail.annotations[0]?.result[0]?.value.rectanglelabels).toEqual(["animal"]);
    const unused = await checked(await args("third", { labels: ["animal"] }), answer!.outs);
    expect(unused.failures).toEqual([]);
  }, 120_000);

  test("has no task twice, wherever its writer is killed", async () => {
    await putMany("fourth", 1100);
    const full = (await checked(await args("fourth"))).inputs;
    for (const afterMs of [1_500, 2_500, 4_000]) {
      const child = start(place.cloud.record, "labelingProject", "create", [full]);
      const ended = outcome(child);
      await sleep(afterMs);
      child.kill("SIGKILL");
      await ended;
    }
    const { answer, thrown } = await lifecycle("create", full);
    expect(thrown).toBeUndefined();
    expectEachOnce(await tasks(answer!.outs.projectId), 1100);
  }, 400_000);

  test("goes on after Label Studio was killed in the middle", async () => {
    await putMany("fifth", 1100);
    const full = (await checked(await args("fifth"))).inputs;
    const before = await projects();
    const running = lifecycle("create", full);
    await until(async () => (await projects()) > before, 30_000);
    // The first of three batches.
    await until(async () => (await newestProject()).task_number > 0, 60_000);
    await studio.kill();
    const first = await running;
    await studio.startAgain(place.cloud.record);
    if (first.thrown) expect(first.thrown.message).toMatch(/does not answer|of \d+ tasks it has none/);
    const { answer, thrown } = await lifecycle("create", full);
    expect(thrown).toBeUndefined();
    expectEachOnce(await tasks(answer!.outs.projectId), 1100);
  }, 400_000);

  test("outlives a destroy when people have worked in it, after an export; without their work it goes", async () => {
    await putMany("sixth", 3);
    const made = await create(await args("sixth"));
    const [a, b] = await tasks(made.projectId);
    await annotate(a?.id ?? 0, "food");
    await annotate(b?.id ?? 0, undefined, { was_cancelled: true });
    const kept = await lifecycle("delete", "id", made);
    expect(kept.thrown).toBeUndefined();
    expect(kept.printed).toMatch(/is kept, since people have worked on 2 of its images/);
    const [, blobs = ""] =
      /what people made of 2 images is in https:\S+\/pictures\/(labeling\/\S+\/exports\/\S+\/)/.exec(kept.printed) ??
      [];
    const read = async (name: string) =>
      (await place.container.getBlobClient(`${blobs}${name}`).downloadToBuffer()).toString();
    expect(JSON.parse((await read("annotations.jsonl")).split("\n")[0] ?? "")).toMatchObject({
      path: "0.jpg",
      annotations: [{ result: [{ value: { rectanglelabels: ["food"] } }] }],
    });
    expect(JSON.parse(await read("instances.json"))).toMatchObject({ images: [{ file_name: "0.jpg" }] });
    expect((await create(await args("sixth"))).projectId).toBe(made.projectId);

    const wanted = { ...made, deleteAnnotations: true };
    process.env.LABELING_BACKUP_DIR = "/dev/null";
    const refused = await apart("delete", "id", wanted);
    expect(refused.thrown?.message).toMatch(/cannot be written to \/dev\/null\/.*LABELING_BACKUP_DIR.*run this again/);
    process.env.LABELING_BACKUP_DIR = backups;
    const gone = await apart("delete", "id", wanted);
    expect(gone.thrown).toBeUndefined();
    const [, folder = ""] = /what people made of 2 images is in (\/\S+)/.exec(gone.printed) ?? [];
    expect(await readFile(join(folder, "annotations.jsonl"), "utf8")).toBe(await read("annotations.jsonl"));
    await expect(studio.client.get(`/api/projects/${made.projectId}/`)).rejects.toThrow(/404/);
    expect((await lifecycle("read", "id", made)).answer).toEqual({});

    const untouched = await create(await args("sixth"));
    expect((await lifecycle("delete", "id", untouched)).printed).not.toContain("kept");
    await expect(studio.client.get(`/api/projects/${untouched.projectId}/`)).rejects.toThrow(/404/);
  }, 120_000);

  test("is the one with tasks, should an older one have been made late, which goes", async () => {
    await putMany("seventh", 2);
    const inputs = await args("seventh");
    const { mark } = (await checked(inputs)).inputs as State & { mark: string };
    const late = { title: "late", description: `[objectdetection:${mark}]`, label_config: "<View/>" };
    const { id: older } = (await studio.client.post("/api/projects/", late, false)) as { id: number };
    const { id: newer } = (await studio.client.post("/api/projects/", late, false)) as { id: number };
    const task = [{ data: { image: "http://127.0.0.1/0.jpg" } }];
    await studio.client.post(`/api/projects/${newer}/import`, task, false);
    expect((await create(inputs)).projectId).toBe(newer);
    await expect(studio.client.get(`/api/projects/${older}/`)).rejects.toThrow(/404/);
  }, 120_000);

  test("says what to do when its token is refused", async () => {
    const full = (await checked(await args("first"))).inputs;
    process.env.LABEL_STUDIO_API_KEY = "0".repeat(40);
    const { thrown } = await apart("create", full);
    process.env.LABEL_STUDIO_API_KEY = studio.environment.LABEL_STUDIO_API_KEY;
    expect(thrown?.message).toMatch(/refuses the token of LABEL_STUDIO_API_KEY/);
    expect(thrown?.message).not.toContain("0".repeat(40));
  }, 60_000);
});
