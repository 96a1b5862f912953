import { mkdtemp, readdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readFolder } from "../../../lib/content/folder";
import { Md5Cache, type Md5CacheSettings } from "../../../lib/content/md5Cache";
import { walkFolder } from "../../../lib/content/walk";

let folder: string;
let cacheFolder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "remembered-"));
  cacheFolder = await mkdtemp(join(tmpdir(), "cache-"));
});
afterEach(async () => {
  for (const one of [folder, cacheFolder]) await rm(one, { recursive: true });
});

/** As if a minute had passed since the files were written. */
const later = () => Date.now() + 60_000;
const open = (more: Md5CacheSettings = {}) =>
  Md5Cache.open(folder, { cacheFolder, smallestFolder: 0, now: later, ...more });
const read = (more?: Md5CacheSettings) => readFolder(folder, "data.images", undefined, open(more));
/** Reads every file: small folders are not remembered otherwise. */
const readAll = () => readFolder(folder, "data.images");

/** Paths of the files that are known without reading. */
async function known(): Promise<string[]> {
  const cache = await open();
  const found: string[] = [];
  for await (const file of walkFolder(folder, "data.images")) if (cache.find(file) !== undefined) found.push(file.path);
  return found.sort();
}

/** Writes files whose date of change differs from that of any write before, as those of people do. */
async function write(files: Record<string, string>): Promise<void> {
  const probe = join(cacheFolder, "clock");
  const tick = async () => {
    await writeFile(probe, "x");
    return (await stat(probe, { bigint: true })).ctimeNs;
  };
  const before = await tick();
  while ((await tick()) === before);
  await rm(probe);
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
}

test("what did not change is known without reading, and what is gone is forgotten", async () => {
  await write({ "a.jpg": "a", "b.jpg": "b", "c.jpg": "c" });
  expect(await known()).toEqual([]);
  const first = await read();
  expect(await known()).toEqual(["a.jpg", "b.jpg", "c.jpg"]);
  expect(await read()).toEqual(first);
  await write({ "b.jpg": "B", "d.jpg": "d" });
  expect(await known()).toEqual(["a.jpg", "c.jpg"]);
  await rm(join(folder, "c.jpg"));
  const second = await read();
  expect(second).toEqual(await readAll());
  expect(second.fingerprint).not.toBe(first.fingerprint);
  const [name = ""] = await readdir(cacheFolder);
  const { size, mode } = await stat(join(cacheFolder, name));
  expect([size, mode & 0o777]).toEqual([20 + 3 * 32 + 32, 0o600]);
});

test.each<[string, () => Promise<void>]>([
  ["is written over with as many bytes, its date set back", async () => {
    const { atime, mtime } = await stat(join(folder, "a.jpg"));
    await write({ "a.jpg": "X" });
    await utimes(join(folder, "a.jpg"), atime, mtime);
  }],
  ["is replaced by another of the same date and size", async () => {
    const { atime, mtime } = await stat(join(folder, "a.jpg"));
    await write({ other: "X" });
    await utimes(join(folder, "other"), atime, mtime);
    await rename(join(folder, "other"), join(folder, "a.jpg"));
  }],
  ["changes its place with another", async () => {
    await write({});
    await rename(join(folder, "a.jpg"), join(folder, "x"));
    await rename(join(folder, "b.jpg"), join(folder, "a.jpg"));
    await rename(join(folder, "x"), join(folder, "b.jpg"));
  }],
  ["becomes a link to another", async () => {
    await rm(join(folder, "a.jpg"));
    await symlink("b.jpg", join(folder, "a.jpg"));
  }],
])("a file that %s is read again", async (_, change) => {
  await write({ "a.jpg": "a", "b.jpg": "b" });
  const before = await read();
  await change();
  const after = await read();
  expect(after).toEqual(await readAll());
  expect(after.fingerprint).not.toBe(before.fingerprint);
}); // prettier-ignore

test("a file that was written a moment before it was read is not trusted", async () => {
  await write({ "a.jpg": "a" });
  await read({ now: Date.now });
  expect(await known()).toEqual([]);
});

test("a damaged cache is none, and a small folder has none", async () => {
  await write({ "a.jpg": "a" });
  const content = await read({ smallestFolder: 2 });
  expect(await readdir(cacheFolder)).toEqual([]);
  await read();
  const file = join(cacheFolder, String(await readdir(cacheFolder)));
  const whole = await readFile(file);
  for (const at of [3, 25, 45, whole.length - 1]) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    await writeFile(file, damaged);
    expect(await known()).toEqual([]);
  }
  for (const length of [0, 10, 52, whole.length - 32]) {
    await writeFile(file, whole.subarray(0, length));
    expect(await known()).toEqual([]);
  }
  expect(await read()).toEqual(content);
  expect(await known()).toEqual(["a.jpg"]);
});
