import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readFolder } from "../../lib/content/folder";
import { FileServer } from "../lib/download/fileServer";
import { zipOf } from "../lib/download/zipOf";
import { TestCloud, versions } from "../local/emulator/testCloud";
import { call, outcome, start } from "./driver";

interface State {
  fingerprint: string;
  present: string;
  files: number;
  bytes: number;
  annotations: string;
}

const instances = JSON.stringify({ images: [], annotations: [], categories: [] });
const picture = (index: number) => Buffer.from(`picture ${index} `.repeat(2000));
const pictures = Array.from(
  { length: 12 },
  (_, index) => [`${String(index).padStart(12, "0")}.jpg`, picture(index)] as const,
);

let cloud: TestCloud;
let account: string;
let server: FileServer;
let cacheFolder: string;
let number = 0;
let inputs: Record<string, string>;

beforeAll(async () => {
  cloud = await TestCloud.start();
  account = await cloud.account("cocost", await cloud.group());
});
afterAll(() => cloud.remove());
beforeEach(async () => {
  server = await FileServer.start();
  server.files.set("/zips/val2017.zip", { content: await zipOf("val2017", pictures), etag: '"images"' });
  const annotations = await zipOf("annotations", [["instances_val2017.json", Buffer.from(instances)]]);
  server.files.set("/annotations/annotations_trainval2017.zip", { content: annotations, etag: '"annotations"' });
  cacheFolder = await mkdtemp(join(tmpdir(), "coco2017-"));
  const container = `coco-${++number}`;
  await cloud.put(`${account}/blobServices/default/containers/${container}`, versions.storage, { properties: {} });
  inputs = { storageAccountId: account, container, prefix: "val", part: "val2017", baseUrl: server.url, cacheFolder };
});
afterEach(async () => {
  await server.stop();
  await rm(cacheFolder, { recursive: true, force: true });
});

const create = () => call<State>(cloud.record, "coco2017Images", "create", inputs);

async function names(): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of (await cloud.container("cocost", inputs.container ?? "")).listBlobsFlat())
    found.push(name);
  return found;
}

test("the preview says what will come, and asks no server", async () => {
  const { printed } = await call(cloud.record, "coco2017Images", "check", {}, inputs);
  expect(printed).toMatch(/^COCO 2017 val2017: about 5,000 images, 1 GB from http.*val2017\.zip, 0\.0 GB of it in/);
  expect(server.requests).toEqual([]);
  const again = await call(cloud.record, "coco2017Images", "check", inputs, inputs);
  expect(again.printed).toBe("");
});

test("pictures become blobs, as if a folder had been uploaded, over breaking connections", async () => {
  server.trouble = (seen) => (seen % 3 !== 2 ? { cutAfter: 150 + 50 * seen } : undefined);
  const { answer, thrown } = await create();
  expect(thrown).toBeUndefined();
  const total = pictures.reduce((sum, [, content]) => sum + content.length, 0);
  expect(answer?.outs).toMatchObject({
    files: 12,
    bytes: total,
    annotations: join(cacheFolder, "instances_val2017.json"),
  });
  expect(await names()).toEqual(pictures.map(([name]) => `val/${name}`));
  expect(await readFile(answer?.outs.annotations ?? "", "utf8")).toBe(instances);
  const folder = await mkdtemp(join(tmpdir(), "same-"));
  for (const [name, content] of pictures) await writeFile(join(folder, name), content);
  expect((await readFolder(folder, "data.images")).fingerprint).toBe(answer?.outs.fingerprint);
  await rm(folder, { recursive: true });
});

test("after a kill in the middle, what is there is not sent again", async () => {
  const child = start(cloud.record, "coco2017Images", "create", [inputs]);
  const ended = outcome<State>(child);
  const deadline = Date.now() + 30_000;
  for (let found: string[] = []; found.length === 0 && Date.now() < deadline; found = await names());
  child.kill("SIGKILL");
  await ended;
  const before = (await names()).length;
  const { answer, printed } = await create();
  // What had been sent before the kill may have arrived after it.
  const [, skipped, sent] = /12 files, \d+ bytes, (\d+) skipped, (\d+) sent/.exec(printed) ?? [];
  expect(Number(skipped)).toBeGreaterThanOrEqual(before);
  expect(Number(skipped) + Number(sent)).toBe(12);
  expect(answer?.outs.files).toBe(12);
  expect((await create()).printed).toContain("12 skipped, 0 sent");
});

test("a failure keeps what there is, and the next update goes on; later the zip need not be there", async () => {
  server.trouble = (_, path) => (path.startsWith("/zips/") ? { status: 404 } : undefined);
  const { thrown } = await create();
  expect(thrown).toMatchObject({
    message: expect.stringMatching(/val2017\.zip answered 404/) as string,
    id: `${account}/${inputs.container}/val`,
    properties: { present: "incomplete", fingerprint: "" },
  });
  const diff = await call<never>(cloud.record, "coco2017Images", "diff", "id", thrown?.properties, inputs);
  expect(diff.answer).toMatchObject({ changes: true, replaces: [] });
  server.trouble = () => undefined;
  const { answer } = await call<State>(cloud.record, "coco2017Images", "update", "id", thrown?.properties, inputs);
  expect(answer?.outs).toMatchObject({ files: 12, present: answer?.outs.fingerprint });
  const settled = await call<never>(cloud.record, "coco2017Images", "diff", "id", answer?.outs, inputs);
  expect(settled.answer).toMatchObject({ changes: false });

  await rm(cacheFolder, { recursive: true });
  server.requests.splice(0);
  const again = await call<State>(cloud.record, "coco2017Images", "update", "id", answer?.outs, inputs);
  expect(again.answer?.outs).toEqual(answer?.outs);
  expect(server.requests.map(({ path }) => path)).toEqual(["/annotations/annotations_trainval2017.zip"]);
});

test("a blob that is gone is noticed by a refresh, and sent again", async () => {
  const { answer } = await create();
  const container = await cloud.container("cocost", inputs.container ?? "");
  await container.deleteBlob("val/000000000003.jpg");
  const refreshed = await call<never>(cloud.record, "coco2017Images", "read", "id", answer?.outs);
  const { props } = refreshed.answer as unknown as { props: State };
  expect(props.present).not.toBe(props.fingerprint);
  const { answer: updated, printed } = await call<State>(cloud.record, "coco2017Images", "update", "id", props, inputs);
  expect(printed).toContain("11 skipped, 1 sent");
  expect(updated?.outs).toMatchObject({ present: answer?.outs.fingerprint });
});

test("a damaged zip is refused by its checksums, and removed so that it is downloaded anew", async () => {
  const zip = server.files.get("/zips/val2017.zip");
  const whole = Buffer.from(zip?.content ?? []);
  // Within the first stored picture's content.
  const at = whole.indexOf("picture 1 ") + 5000;
  const broken = Buffer.from(whole);
  broken[at] = (broken[at] ?? 0) ^ 1;
  server.files.set("/zips/val2017.zip", { content: broken, etag: '"broken"' });
  const { thrown } = await create();
  expect(thrown?.message).toMatch(/val2017\.zip is damaged: the checksum of val2017\/000000000001\.jpg is wrong/);
  expect(await names()).not.toContain("val/000000000001.jpg");
  server.files.set("/zips/val2017.zip", { content: whole, etag: '"images"' });
  expect((await create()).answer?.outs.files).toBe(12);
});
