import type { LastExport } from "../../lib/labeling/export/lastExport";
import type { ExportReport } from "../../lib/labeling/export/report";
import { toRegion, type Region, type ShareBox } from "../../lib/labeling/regions";
import type { Line } from "../../lib/coco/tables/lines";
import { versions } from "../local/emulator/testCloud";
import { annotate, image, LabelingCloud } from "./labelingCloud";
import type { Labeler } from "./realStudio";

interface Project {
  projectId: number;
}

interface Exports {
  last: LastExport | null;
  due?: string;
}

describe("what people have labeled", () => {
  let place: LabelingCloud;
  let anna: Labeler;
  let ben: Labeler;

  beforeAll(async () => {
    place = await LabelingCloud.start();
    anna = await place.studio.signUp("anna@example.com");
    ben = await place.studio.signUp("ben@example.com");
  }, 600_000);
  afterAll(() => place.remove());

  const rules = { exportOn: "manual", exportStep: 25, validationFraction: 0.25, splitSeed: 7, required: false };
  async function projectOf(folder: string, images: number) {
    await place.putMany(folder, images);
    const args = await place.args(folder);
    const { projectId } = await place.create<Project>("labelingProject", args);
    const tasks = await place.tasks(projectId);
    const exportArgs = (more: object = {}) => ({ ...args, ...rules, projectId, ...more });
    const up = async (inputs: object, olds?: object) => {
      const { inputs: full, printed } = await place.checked<Exports>("labelingExport", inputs, olds);
      const diff = olds && (await place.lifecycle<Exports>("labelingExport", "diff", "id", olds, full));
      const method = olds ? ["update", "id", olds, full] : ["create", full];
      const { answer, thrown } = await place.lifecycle<Exports>(
        "labelingExport",
        method[0] as string,
        ...method.slice(1),
      );
      if (!answer) throw new Error(thrown?.message);
      const plan = diff?.answer as unknown as { changes: boolean } | undefined;
      return { state: answer.outs, explained: diff?.printed, changes: plan?.changes, due: full.due, printed };
    };
    return { projectId, tasks, exportArgs, up, idOf: (index: number) => tasks[index]?.id ?? 0 };
  }
  const read = async (blob: string) => (await place.container.getBlobClient(blob).downloadToBuffer()).toString();
  const linesOf = async ({ version }: LastExport, part: "all" | "train" | "validation") =>
    (await read(`labels/${version}/${part}/annotations.jsonl`))
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line);
  const reportOf = async ({ version }: LastExport, mark: string) =>
    JSON.parse(await read(`labeling/${mark}/exports/${version}/report.json`)) as ExportReport;
  const box = (label: string, topX: number, topY: number, bottomX: number, bottomY: number): ShareBox => {
    return { label, topX, topY, bottomX, bottomY };
  };
  const region = (value: Partial<Region["value"]>): Region => {
    const plain = toRegion(box("food", 0.2, 0.2, 0.4, 0.4), image);
    return { ...plain, value: { ...plain.value, ...value } };
  };

  test("becomes data assets, exact to a millionth, with what is no box and why, and the same work is the same version", async () => {
    const { exportArgs, up, idOf, tasks } = await projectOf("first", 16);
    const drawn = Array.from({ length: 12 }, (_, index) =>
      box(index % 3 ? "person" : "food", 0.01 + index / 97, 0.123456789, 0.3 + index / 31.7, 0.6 + index / 41.3),
    );
    for (const [index, one] of drawn.entries()) await annotate(anna.client, idOf(index), [one]);
    await annotate(ben.client, idOf(0), [box("food", 0.02, 0.12, 0.31, 0.6)], { ground_truth: true });
    await annotate(anna.client, idOf(0), [box("person", 0.7, 0.7, 0.9, 0.9)]);
    await annotate(ben.client, idOf(12), []);
    await annotate(ben.client, idOf(13), [], { was_cancelled: true });
    await annotate(anna.client, idOf(14), [
      region({ x: 110 }),
      region({ width: 0 }),
      region({ width: -5 }),
      region({ rectanglelabels: ["zebra"] }),
      region({ x: -10, width: 40 }),
      region({ rotation: 90, x: 50, y: 50, width: 10, height: 20 }),
    ]);

    const without = await up(exportArgs());
    expect(without.state.last).toBeNull();
    const { state } = await up(exportArgs({ exportOn: "count", exportStep: 10 }));
    const last = state.last!;
    expect(last).toMatchObject({ asset: "first-labels", images: 13, boxes: 14, labels: { person: 8, food: 6 } });
    const all = await linesOf(last, "all");
    const parts = [...(await linesOf(last, "train")), ...(await linesOf(last, "validation"))];
    expect(all).toEqual(parts);
    const lineOf = (index: number) =>
      all.find(({ image_url: url }) => url.endsWith(`/paths/first/${String(tasks[index]?.data.path)}`));
    for (const [index, one] of drawn.entries()) {
      const [found, ...more] = lineOf(index)?.label ?? [];
      const wanted = index === 0 ? box("food", 0.02, 0.12, 0.31, 0.6) : one;
      expect([found?.label, more.length]).toEqual([wanted.label, 0]);
      for (const side of ["topX", "topY", "bottomX", "bottomY"] as const)
        expect(Math.abs((found?.[side] ?? NaN) - Math.min(1, wanted[side]))).toBeLessThan(1e-6);
    }
    // Turned by 90 degrees around its corner, 10 % wide and 20 % high of 100 x 80 pixels: 16 pixels wide and 10 high.
    const turned = lineOf(14)?.label[1];
    expect([turned?.topX, turned?.topY, turned?.bottomX, turned?.bottomY].map((side) => side?.toFixed(6))).toEqual(
      ["0.340000", "0.500000", "0.500000", "0.625000"], // prettier-ignore
    );
    const mark = (state as { mark?: string }).mark ?? "";
    const report = await reportOf(last, mark);
    expect(report).toMatchObject({
      images: { labeled: 13, empty: 1, skipped: 1, withoutBoxes: 0, others: 0, removed: 0, foreign: 0 },
      ...{ boxes: 14, rotated: 1, rejectedTotal: 4 },
      agreement: { images: 2, unchanged: 0, moved: 1, deleted: 1, missed: 1 },
      byLabeler: [
        { labeler: `labeler-${anna.id}`, images: 12 },
        { labeler: `labeler-${ben.id}`, images: 2 },
      ],
    });
    expect(report.clamped).toBeGreaterThanOrEqual(1);
    expect(report.rejected.map(({ reason }) => reason).sort()).toEqual(
      ["label \"zebra\" is none of the project's", "negative size", "outside the image", "zero area"], // prettier-ignore
    );
    const asset = await place.cloud.arm("GET", last.training.id, versions.ml);
    expect(asset.body.properties).toMatchObject({
      dataType: "mltable",
      tags: {
        project: "first",
        images: "13",
        empty: "1",
        labelers: expect.stringContaining(`labeler-${ben.id}: 2`) as string,
      },
    });
    expect(asset.body.properties?.tags).toMatchObject({
      export: expect.stringMatching(/^first_\d{8}_\d{6}$/) as string,
    });
    expect(JSON.stringify(asset.body)).not.toContain("example.com");

    const again = await up(exportArgs({ exportOn: "count", exportStep: 1 }), state);
    expect([again.state.last, again.due, again.changes]).toEqual([last, undefined, false]);
    const forced = await up(exportArgs({ exportOn: "count", labelers: ["anna@example.com"] }), state);
    expect(forced.due).toBeDefined();
    expect(forced.state.last?.version).not.toBe(last.version);
    const onlyAnna = await reportOf(forced.state.last!, mark);
    expect(onlyAnna.images).toMatchObject({ labeled: 13, empty: 0, skipped: 0, others: 2 });
  }, 240_000);

  test("is exported when the rule says so, and the plan says how many images are new", async () => {
    const { exportArgs, up, idOf } = await projectOf("second", 40);
    const some = [box("person", 0.1, 0.1, 0.5, 0.5)];
    for (let index = 0; index < 12; index++) await annotate(anna.client, idOf(index), some);
    const counting = exportArgs({ exportOn: "count", exportStep: 12, required: true });
    const first = await up(counting);
    expect(first.state.last?.images).toBe(12);
    for (let index = 12; index < 20; index++) await annotate(ben.client, idOf(index), some);
    const waiting = await up(counting, first.state);
    expect([waiting.changes, waiting.due]).toEqual([false, undefined]);
    expect(waiting.explained).toMatch(
      /^Labels: unchanged, version \w{16} \(12 images, 12 boxes\); \+8 labeled images since then; exported at \+12$/,
    );
    const percent = exportArgs({ exportOn: "percent", exportStep: 20, required: true });
    const second = await up(percent, first.state);
    expect(second.explained).toBe(
      `Labels: +8 labeled images since version ${first.state.last?.version}, exported by "up" (20 of 40 images are done, and 12 were)`,
    );
    expect(second.changes).toBe(true);
    expect(second.state.last?.images).toBe(20);
    expect((await up(percent, second.state)).changes).toBe(false);
  }, 240_000);

  test("that nothing was exported of, nobody can train on", async () => {
    const { exportArgs } = await projectOf("third", 3);
    const { failures } = await place.checked("labelingExport", exportArgs({ required: true }));
    expect(failures[0]?.reason).toMatch(
      /training\.data is "labeling", and nothing .* exported \(0 images are done\).*labeling:export/,
    );
  }, 120_000);

  test("while an export runs is in this or the next one", async () => {
    const { exportArgs, up, idOf } = await projectOf("fourth", 80);
    const some = [box("person", 0.1, 0.1, 0.5, 0.5)];
    for (let index = 0; index < 60; index++) await annotate(anna.client, idOf(index), some);
    const counting = exportArgs({ exportOn: "count", exportStep: 1 });
    const running = up(counting);
    const meanwhile: Promise<unknown>[] = [];
    for (let index = 60; index < 80; index++) {
      meanwhile.push(annotate(ben.client, idOf(index), some));
      await meanwhile.at(-1);
    }
    const { state } = await running;
    const next = await up(counting, state);
    const last = (next.state.last ?? state.last)!;
    expect(await linesOf(last, "all")).toHaveLength(80);
  }, 300_000);
});
