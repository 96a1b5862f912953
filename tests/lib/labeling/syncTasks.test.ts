import { LabelStudioClient } from "../../../lib/labeling/client";
import { ImageTasks, type ImageBlob } from "../../../lib/labeling/images";
import { parseImageKeys, verifyImagePath } from "../../../lib/labeling/signedPath";
import { syncTasks } from "../../../lib/labeling/syncTasks";
import type { SentBatch, TaskLedger } from "../../../lib/labeling/taskLedger";
import { FakeStudio, type ImportFault } from "./studio";

const keys = ["first:AAAAAAAAAAAAAAAAAAAAAAAA", "second:BBBBBBBBBBBBBBBBBBBBBBBB"];
const place = { account: "account", container: "images", prefix: "train/" };
const day = 24 * 60 * 60_000;

class Ledger implements TaskLedger {
  sent: SentBatch | undefined;
  /** Writes after which the lock is lost, as it is for a killed process. */
  heldFor = Infinity;
  assertHeld(): void {
    if (this.heldFor <= 0) throw new Error("lock lost");
  }
  async read() {
    return this.sent;
  }
  async write(batch: SentBatch | undefined) {
    this.assertHeld();
    this.heldFor--;
    this.sent = batch;
  }
}

describe("the tasks of a project", () => {
  let studio: FakeStudio;
  let ledger: Ledger;
  beforeEach(async () => {
    studio = await FakeStudio.start();
    ledger = new Ledger();
  });
  afterEach(() => studio.stop());

  const image = (number: number, version = "v1"): ImageBlob => ({ path: `${number}.jpg`, version, etag: `e${number}` });
  const images = (count: number) => Array.from({ length: count }, (_, index) => image(index));
  async function sync(blobs: ImageBlob[], { signing = keys[0] ?? "", now = Date.parse("2026-11-01") } = {}) {
    const client = new LabelStudioClient({ url: studio.url, token: "token-of-the-test" }, { pauseMs: 1, tries: 4 });
    return syncTasks({
      client,
      projectId: 1,
      images: (async function* () {
        yield* blobs;
      })(),
      tasks: new ImageTasks({ url: "http://images.test", keys: parseImageKeys(signing) }, place, now),
      ledger,
      now: new Date(now).toISOString(),
    });
  }
  const paths = () => studio.tasks.map(({ data }) => data.path);
  const expectEachOnce = (count: number) => {
    expect(new Set(paths()).size).toBe(count);
    expect(studio.tasks.length).toBe(count);
  };

  test("are one an image, with an address of the gateway; again they are the same", async () => {
    expect(await sync(images(1200))).toEqual({ images: 1200, added: 1200, removed: 0, restored: 0, duplicates: 0 });
    expectEachOnce(1200);
    const { data, meta } = studio.tasks[0];
    expect(meta).toEqual({ path: "0.jpg", version: "v1", etag: "e0" });
    const address = String(data.image).replace("http://images.test", "");
    expect(verifyImagePath(address, parseImageKeys(keys[0] ?? ""), Date.parse("2027-06-01"))).toMatchObject({
      container: "images",
      path: "train/0.jpg",
    });
    const before = structuredClone(studio.tasks);
    const count = studio.requests.length;
    expect(await sync(images(1200))).toMatchObject({ added: 0, removed: 0 });
    expect(studio.tasks).toEqual(before);
    expect(studio.requests.slice(count).every((request) => request.startsWith("GET"))).toBe(true);
  });

  test.each<[string, ImportFault[]]>([
    ["an answer that is lost", ["answer lost"]],
    ["a request that is lost", [429, "request lost"]],
    ["a server that is busy", [429, 429]],
    ["an error after half a batch", ["500 after half", 500]],
    ["an import that is done after its connection broke", ["late"]],
  ])(
    "are one an image after %s",
    async (_what, faults) => {
      studio.faults = faults;
      await sync(images(700));
      expectEachOnce(700);
      expect(ledger.sent).toBeUndefined();
    },
    60_000,
  );

  test.each([0, 1, 2, 3])("are one an image when the writer is killed after %d notes", async (notes) => {
    ledger.heldFor = notes;
    await expect(sync(images(1100))).rejects.toThrow("lock lost");
    ledger.heldFor = Infinity;
    if (ledger.sent) ledger.sent.sentAt = new Date(Date.now() - 60_000).toISOString();
    await sync(images(1100));
    expectEachOnce(1100);
  });

  test("wait for the batch that a killed writer had sent", async () => {
    const tasks = new ImageTasks({ url: "http://images.test", keys: parseImageKeys(keys[0] ?? "") }, place, Date.now());
    ledger.sent = { after: 0, tasks: 300, sentAt: new Date().toISOString() };
    setTimeout(() => images(300).forEach((blob) => studio.add(tasks.make(blob))), 1_000);
    expect(await sync(images(300))).toMatchObject({ added: 0 });
    expectEachOnce(300);
  });

  test("lose the one without annotations when there are two of an image", async () => {
    await sync(images(2));
    const [first, second] = studio.tasks.map((task) => structuredClone(task));
    studio.annotated.add(studio.add(first));
    studio.add(second);
    expect(await sync(images(2))).toMatchObject({ duplicates: 2, added: 0 });
    expect(studio.tasks.map(({ id }) => id)).toEqual([2, 3]);
  });

  test("are marked and kept when their image goes, and come back with it", async () => {
    await sync(images(3));
    studio.annotated.add(2);
    expect(await sync([image(0), image(2, "v2")])).toMatchObject({ added: 1, removed: 2 });
    const marks = () => studio.tasks.map(({ data }) => data.removed);
    expect(marks()).toEqual([undefined, "2026-11-01T00:00:00.000Z", "2026-11-01T00:00:00.000Z", undefined]);
    expect(await sync([...images(2), image(2, "v2")])).toMatchObject({ added: 0, restored: 1 });
    expect(marks().map((mark) => mark !== undefined)).toEqual([false, false, true, false]);
  });

  test("get new addresses when the key changes, and before they end", async () => {
    await sync(images(2));
    const before = studio.tasks.map(({ data }) => data.image);
    await sync(images(2), { signing: keys.toReversed().join(",") });
    expect(studio.tasks.every(({ data }) => String(data.image).includes("kid=second"))).toBe(true);
    await sync(images(2), { now: Date.parse("2026-11-01") + 179 * day });
    const renewed = studio.tasks.map(({ data }) => data.image);
    expect(renewed).not.toEqual(before);
    await sync(images(2), { now: Date.parse("2026-11-01") + 181 * day + 179 * day });
    expect(studio.tasks.map(({ data }) => data.image)).not.toEqual(renewed);
  });

  test("are not all marked because a folder seems empty", async () => {
    await sync(images(2));
    await expect(sync([])).rejects.toThrow(/has none, and the labeling project has 2 tasks.*data\.imagesPrefix/);
    expect(studio.tasks.every(({ data }) => data.removed === undefined)).toBe(true);
  });

  test("that are refused are an error with Label Studio's words, and are tried again by the next run", async () => {
    studio.faults = [400];
    await expect(sync(images(5))).rejects.toThrow(/import: 400 fault 400/);
    await sync(images(5));
    expectEachOnce(5);
  });
});
