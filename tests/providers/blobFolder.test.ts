import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TestCloud, versions } from "../local/emulator/testCloud";
import { call } from "./driver";

interface State {
  fingerprint: string;
  files: number;
  bytes: number;
}

let cloud: TestCloud;
let account: string;
let folder: string;
let number = 0;
let args: Record<string, unknown>;

beforeAll(async () => {
  cloud = await TestCloud.start();
  account = await cloud.account("folderst", await cloud.group());
});
afterAll(() => cloud.remove());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "images-"));
  for (const name of ["a.jpg", "b.jpg"]) await writeFile(join(folder, name), name);
  const container = `images-${++number}`;
  await cloud.put(`${account}/blobServices/default/containers/${container}`, versions.storage, { properties: {} });
  args = { storageAccountId: account, container, prefix: "train", folder, property: "data.images", removeExtra: false };
});
afterEach(() => rm(folder, { recursive: true }));

/** The inputs as `check` completes them, which a preview does too. */
async function checked(more: Record<string, unknown> = {}) {
  const { answer } = await call<never>(cloud.record, "blobFolder", "check", {}, { ...args, ...more });
  return (answer as unknown as { inputs: State }).inputs;
}

test("new images are known in preview, and an update sends these alone", async () => {
  const before = await checked();
  expect((await call<State>(cloud.record, "blobFolder", "create", before)).printed).toContain(
    "2 files, 10 bytes, 0 skipped, 2 sent",
  );
  await writeFile(join(folder, "c.jpg"), "new");
  const after = await checked();
  expect(after).toMatchObject({ files: 3, bytes: 13 });
  expect(after.fingerprint).not.toBe(before.fingerprint);
  const { printed } = await call<State>(cloud.record, "blobFolder", "update", "id", before, after);
  expect(printed).toContain("3 files, 13 bytes, 2 skipped, 1 sent");
});

test("images that are gone here stay in the container, unless they are to be removed", async () => {
  const before = await checked();
  await call(cloud.record, "blobFolder", "create", before);
  await rm(join(folder, "b.jpg"));
  const container = await cloud.container("folderst", String(args.container));
  await call(cloud.record, "blobFolder", "update", "id", before, await checked());
  expect(await container.getBlobClient("train/b.jpg").exists()).toBe(true);
  const removing = await checked({ removeExtra: true });
  expect((await call<State>(cloud.record, "blobFolder", "update", "id", before, removing)).printed).toContain(
    "1 removed",
  );
  expect(await container.getBlobClient("train/b.jpg").exists()).toBe(false);
});

test("files that are not those of the preview are an error", async () => {
  const before = await checked();
  await writeFile(join(folder, "a.jpg"), "other");
  const { thrown } = await call(cloud.record, "blobFolder", "create", before);
  expect(thrown?.message).toMatch(/changed while they were being uploaded\. Run "pulumi up" again/);
});

test("a preview says what new annotations add, and too few images fail it", async () => {
  const annotations = join(folder, "instances.json");
  const write = (images: number) =>
    writeFile(
      annotations,
      JSON.stringify({
        images: Array.from({ length: images }, (_, id) => ({ id, file_name: `${id}.jpg`, width: 10, height: 10 })),
        annotations: Array.from({ length: images * 2 }, (_, id) => ({
          id,
          image_id: id >> 1,
          category_id: 1,
          bbox: [1, 1, 5, 5],
        })),
        categories: [{ id: 1, name: "food" }],
      }),
    );
  const inputs = { ...args, prefix: "tables", annotations, imageUrlPrefix: "azureml://x/", imagesFingerprint: "1" };
  const settings = { classesFrom: "name", validationFraction: 0.2, splitSeed: 7 };
  const check = async () => {
    const outcome = await call<never>(cloud.record, "cocoTables", "check", {}, { ...inputs, ...settings });
    return outcome.answer as unknown as { inputs: { version: string }; failures: { reason: string }[] };
  };
  await write(10);
  const before = await check();
  expect(before.failures).toEqual([]);
  await write(13);
  const after = await check();
  const { printed } = await call(cloud.record, "cocoTables", "diff", "id", before.inputs, after.inputs);
  expect(printed).toBe(`Data: +3 images, +6 boxes, new version ${after.inputs.version}`);
  await write(9);
  expect((await check()).failures).toEqual([
    {
      property: "annotations",
      reason: expect.stringMatching(/9 images with boxes, and at least 10 are needed/) as string,
    },
  ]);
});

test("a preview names the images that the annotations have and the folder does not, and leaves them out", async () => {
  const images = Array.from({ length: 14 }, (_, id) => ({ id, file_name: `${id}.png`, width: 10, height: 10 }));
  const png = Buffer.from("89504e470d0a1a0a0000000d494844520000000a0000000a", "hex");
  for (const { file_name } of images.slice(2)) await writeFile(join(folder, file_name), png);
  const boxes = images.map(({ id }) => ({ id, image_id: id, category_id: 1, bbox: [1, 1, 5, id === 5 ? 0 : 5] }));
  const annotations = join(folder, "instances.json");
  await writeFile(annotations, JSON.stringify({ images, annotations: boxes, categories: [{ id: 1, name: "food" }] }));
  const { printed, answer } = await call<never>(cloud.record, "cocoTables", "check", {}, {
    ...args, prefix: "tables", annotations, imagesFolder: folder, imageUrlPrefix: "azureml://x/", imagesFingerprint: "1",
    classesFrom: "name", validationFraction: 0.2, splitSeed: 7,
  }); // prettier-ignore
  expect(printed).toContain("instances.json: 2 images are left out: missing file");
  expect(printed).toContain("instances.json: among those left out are 0.png, 1.png");
  expect(printed).toContain("3 annotations are no boxes, such as annotation 0: image left out: missing_file");
  expect((answer as unknown as { inputs: { report: object } }).inputs.report).toMatchObject({ images: 11, boxes: 11 });
});
