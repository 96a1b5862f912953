import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandLine, runTool } from "./command";

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "data-convert-"))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const box = { id: 1, image_id: 1, category_id: 1, bbox: [1, 1, 2, 2] };
const instances = {
  images: [
    { id: 1, file_name: "a/1.jpg", width: 10, height: 10 },
    { id: 2, file_name: "2.jpg", width: 10, height: 10 },
  ],
  annotations: [
    box,
    { ...box, id: 2, category_id: 2 },
    { ...box, id: 3, bbox: [8, 8, 9, 9] },
    { ...box, id: 4, bbox: [] },
  ],
  categories: [
    { id: 1, name: "dog", supercategory: "animal" },
    { id: 2, name: "car", supercategory: "vehicle" },
  ],
};

async function given(content: unknown = instances): Promise<string[]> {
  const file = join(folder, "instances.json");
  await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  return ["--annotations", file, "--image-url", "https://h/c/", "--out", join(folder, "out")];
}

describe("npm run data:convert", () => {
  test("says in one line what it made, and writes it", async () => {
    const args = [...(await given()), "--classes-from", "supercategory", "--validation-fraction", "0.2", "--seed", "3"];
    const { status, stdout, stderr } = await runTool("dataConvert", args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toBe(
      `${join(folder, "out")}: 1 images, 2 boxes of 1 labels; 1 clamped, 1 rejected, 1 dropped; images left out: 1 no_boxes\n`,
    );
    expect(await readdir(join(folder, "out"))).toEqual(["report.json", "train", "validation"]);
    expect(JSON.parse(await readFile(join(folder, "out/report.json"), "utf8"))).toMatchObject({
      images: 1,
      boxes: 2,
      labels: { animal: 2 },
      skipped: { no_boxes: 1, other_class: 1 },
      clamped: 1,
      rejected: [{ annotationId: 4, imageId: 1, reason: "bbox is not four numbers" }],
      rejectedTotal: 1,
    });
  });

  test("takes a class map", async () => {
    await writeFile(join(folder, "map.yml"), "thing: [dog, vehicle]\n");
    const { status, stdout } = await runTool("dataConvert", [
      ...(await given()),
      "--class-map",
      join(folder, "map.yml"),
    ]);
    expect({ status, stdout }).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("3 boxes of 1 labels") as string,
    });
  });

  test("warns when no image is left", async () => {
    const { status, stderr } = await runTool("dataConvert", await given({ ...instances, annotations: [] }));
    expect(status).toBe(0);
    expect(stderr).toMatch(/^warning: no image has a box/);
  });

  test.each([
    [["--seed", "1.5"], /--seed is "1\.5"; allowed is a whole number/],
    [["--validation-fraction", "1"], /--validation-fraction is "1"; allowed is 0 to below 1/],
    [["--validation-fraction", ""], /--validation-fraction is ""/],
    [["--classes-from", "names"], /--classes-from is "names"; allowed are name, supercategory/],
    [["--classes-from", "name", "--class-map", "m"], /exclude each other/],
    [["--class-map", "none.yml"], /none\.yml" cannot be read/],
    [["--class-mapp", "m"], /--class-mapp is no option; did you mean class-map\?/],
    [["stray"], /Unexpected argument 'stray'/],
    [["--out", ""], /--out is missing/],
    [["--images-dir", "none"], /"none" is not there/],
  ])("%j is refused without a trace of the stack", async (args, message) => {
    const { status, stdout, stderr } = await runTool("dataConvert", [...(await given()), ...args]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain("    at ");
    expect(await readdir(folder)).toEqual(["instances.json"]);
  });

  test("a broken file is told with its byte, and leaves the output as it was", async () => {
    await runTool("dataConvert", await given());
    const before = await readFile(join(folder, "out/train/annotations.jsonl"), "utf8");
    const { status, stderr } = await runTool("dataConvert", await given(JSON.stringify(instances).slice(0, 200)));
    expect(status).toBe(1);
    expect(stderr).toMatch(/instances\.json" is broken at byte 200: the file ends/);
    expect(await readdir(folder)).toEqual(["instances.json", "out"]);
    expect(await readFile(join(folder, "out/train/annotations.jsonl"), "utf8")).toBe(before);
  });

  test("killed while it writes, it leaves the old output, and the next run clears up", async () => {
    await runTool("dataConvert", await given());
    const before = await readFile(join(folder, "out/train/annotations.jsonl"), "utf8");
    const file = join(folder, "many.json");
    await writeFile(file, `{"images": [{"id": 1, "file_name": "1.jpg", "width": 10, "height": 10}],`);
    await appendFile(
      file,
      `"categories": ${JSON.stringify(instances.categories)}, "annotations": [${JSON.stringify(box)}`,
    );
    for (let part = 0; part < 20; part++) await appendFile(file, `,${JSON.stringify(box)}`.repeat(20_000));
    await appendFile(file, "]}");
    const args = ["--annotations", file, "--image-url", "x/", "--out", join(folder, "out")];
    const drafts = async () => (await readdir(folder)).filter((name) => name.startsWith("."));
    const child = spawn(process.execPath, commandLine("dataConvert", args), { stdio: "ignore" });
    while (child.exitCode === null && (await drafts()).length === 0) await new Promise(setImmediate);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await readFile(join(folder, "out/train/annotations.jsonl"), "utf8")).toBe(before);
    expect(await drafts()).toHaveLength(1);
    expect((await runTool("dataConvert", await given())).status).toBe(0);
    expect(await drafts()).toEqual([]);
  });
});

describe("npm run data:export", () => {
  test("writes COCO from what was converted", async () => {
    await runTool("dataConvert", await given());
    const out = join(folder, "back.json");
    const { status, stdout, stderr } = await runTool("dataExport", ["--data", join(folder, "out"), "--out", out]);
    expect({ status, stderr, stdout }).toEqual({
      status: 0,
      stderr: "",
      stdout: `${out}: 1 images, 3 boxes, 2 categories\n`,
    });
    expect(JSON.parse(await readFile(out, "utf8"))).toMatchObject({
      images: [{ id: 1, file_name: "a/1.jpg", width: 10, height: 10 }],
      annotations: [{ bbox: [1, 1, 2, 2] }, { bbox: [1, 1, 2, 2] }, { bbox: [8, 8, 2, 2] }],
    });
  });

  test.each([
    [["--out", "x"], /--data is missing/],
    [["--data", "x"], /--out is missing/],
    [["--data", "none", "--out", "x"], /"none" cannot be read: ENOENT/],
    [["--dat", "none"], /--dat is no option; did you mean data\?/],
  ])("%j is refused", async (args, message) => {
    const { status, stderr } = await runTool("dataExport", args);
    expect(status).toBe(1);
    expect(stderr).toMatch(message);
  });
});
