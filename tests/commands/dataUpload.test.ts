import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { appendFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Azurite, blobsOf, connectionString } from "../azurite/azurite";
import { BlobProxy, type BlobRequest, type Interference } from "../azurite/blobProxy";
import { commandLine, plain } from "./command";

let azurite: Azurite;
let folder: string;
let container: string;
let number = 0;
const proxies: BlobProxy[] = [];

beforeAll(async () => {
  azurite = await Azurite.start();
});
afterAll(() => azurite.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "upload-"));
  container = `container-${++number}`;
});
afterEach(async () => {
  await Promise.all(proxies.splice(0).map((proxy) => proxy.stop()));
  await rm(folder, { recursive: true, force: true });
});

async function write(files: Record<string, string | Buffer>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

async function proxied(interfere?: (request: BlobRequest, number: number) => Interference | Promise<Interference>) {
  const proxy = await BlobProxy.start(azurite.endpoint, interfere);
  proxies.push(proxy);
  return proxy;
}

function start(args: readonly string[]) {
  return spawn(process.execPath, commandLine("dataUpload", args), {
    cwd: join(__dirname, "../.."),
    env: plain(process.env),
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function run(...args: string[]) {
  const child = start(args);
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
  const [status] = (await once(child, "close")) as [number | null];
  return { status, stdout, stderr, last: stdout.trimEnd().split("\n").at(-1) ?? "" };
}

/** Uploads the folder to `images/` of this test's container. */
function upload(endpoint = azurite.endpoint, ...more: string[]) {
  return run(
    "--dir",
    folder,
    "--connection-string",
    connectionString(endpoint),
    "--prefix",
    `${container}/images`,
    ...more,
  );
}

const md5 = (content: string | Buffer) => createHash("md5").update(content).digest("base64");
const bytes = (size: number, value = 7) => Buffer.alloc(size, value);
const isPut = ({ method, url }: BlobRequest) => method === "PUT" && !url.includes("restype=container");

test("every blob has its MD5 and its content type, and the last line counts", async () => {
  await write({ "a/x.jpg": "one", "b.PNG": "two", MLTable: "paths: []", "t.jsonl": "{}", "empty.json": "", odd: "?" });
  const { status, last } = await upload();
  expect(last).toMatch(/^6 files, 18 bytes, 0 skipped, 6 sent \(18 bytes\) in \d+\.\d s$/);
  expect(status).toBe(0);
  expect(await blobsOf(azurite.container(container))).toEqual({
    "images/MLTable": { size: 9, md5: md5("paths: []"), type: "application/yaml" },
    "images/a/x.jpg": { size: 3, md5: md5("one"), type: "image/jpeg" },
    "images/b.PNG": { size: 3, md5: md5("two"), type: "image/png" },
    "images/empty.json": { size: 0, md5: md5(""), type: "application/json" },
    "images/odd": { size: 1, md5: md5("?"), type: "application/octet-stream" },
    "images/t.jsonl": { size: 2, md5: md5("{}"), type: "application/jsonl" },
  });
});

test("a second run sends nothing and asks once; a changed file of equal size is sent again", async () => {
  await write({ "a.jpg": "one", "b.jpg": "two", "large.bin": bytes(20_000_000) });
  await upload();
  const proxy = await proxied();
  const again = await upload(proxy.endpoint);
  expect(again.last).toMatch(/^3 files, 20000006 bytes, 3 skipped, 0 sent \(0 bytes\)/);
  expect(proxy.requests.map(({ method, url }) => `${method} ${/comp=\w+/.exec(url)?.[0]}`)).toEqual(["GET comp=list"]);
  await write({ "a.jpg": "six" });
  expect((await upload()).last).toMatch(/^3 files, 20000006 bytes, 2 skipped, 1 sent \(3 bytes\)/);
  expect((await blobsOf(azurite.container(container)))["images/a.jpg"]?.md5).toBe(md5("six"));
});

test("names of all kinds arrive as they are, and are found again", async () => {
  const names = [
    "a#b.jpg", "100%.jpg", "%41.jpg", "what?.jpg", "a b  c.jpg", "back\\slash.jpg", "dot.", "...", "a&b=c;+.jpg", "é.jpg",
    "e\u0301.jpg", "日本/画像 1.jpg", "😀.png", ".hidden", "new\nline.jpg", "tab\t.jpg", "q\"uote'<>.jpg", "~!@$^()[]{}|`.jpg", " lead", "trail ",
  ]; // prettier-ignore
  await write(Object.fromEntries(names.map((name) => [name, name])));
  expect((await upload()).stderr).toBe("");
  const found = await blobsOf(azurite.container(container));
  // The service takes a backslash for a slash.
  const blob = (name: string) => `images/${name.replace("\\", "/")}`;
  expect(Object.keys(found).sort()).toEqual(names.map(blob).sort());
  for (const name of names) expect(found[blob(name)]?.md5).toBe(md5(name));
  expect((await upload()).last).toContain(`${names.length} skipped, 0 sent`);
});

test.each([
  ["a control character", "bell\u0007.jpg", /bell.*control character.*Rename/],
  ["a carriage return", "return\r.jpg", /return.*control character.*Rename/],
])("a name with %s is refused before anything is sent", async (_, name, message) => {
  await write({ "a.jpg": "a", [name]: "b" });
  const { status, stderr, stdout } = await upload();
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(message);
  expect(await azurite.container(container).exists()).toBe(false);
});

test("links are followed, one that leads back is left out with a warning, and files of file browsers are none", async () => {
  const outside = await mkdtemp(join(tmpdir(), "outside-"));
  await writeFile(join(outside, "far.jpg"), "far");
  await write({ "real/a.jpg": "a", ".DS_Store": "x", "real/Thumbs.db": "x", ".dot": "d" });
  await symlink(join(folder, "real/a.jpg"), join(folder, "file-link.jpg"));
  await symlink(outside, join(folder, "folder-link"));
  await symlink("..", join(folder, "real/loop"));
  const { status, stderr } = await upload();
  expect(status).toBe(0);
  expect(stderr).toMatch(/^warning: .*real\/loop leads back to a folder above it; it is left out\.\n$/);
  expect(Object.keys(await blobsOf(azurite.container(container)))).toEqual(
    [".dot", "file-link.jpg", "folder-link/far.jpg", "real/a.jpg"].map((path) => `images/${path}`),
  );
  await symlink("nowhere", join(folder, "dangling"));
  expect(await upload()).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/dangling.*leads nowhere/) as string,
  });
  await rm(outside, { recursive: true });
});

test("after a kill -9 in the middle, only what is missing is sent, and no blob is half", async () => {
  const files = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`${index}.jpg`, `picture ${index}`]));
  await write({ ...files, "large.bin": bytes(40_000_000) });
  let puts = 0;
  let kill = () => {};
  const proxy = await proxied((request) => {
    if (!isPut(request) || ++puts < 30) return undefined;
    kill();
    return "reset";
  });
  const target = ["--connection-string", connectionString(proxy.endpoint), "--prefix", `${container}/images`];
  const child = start(["--dir", folder, ...target]);
  kill = () => child.kill("SIGKILL");
  expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
  // What had been sent before the kill arrives after it.
  await proxy.stop();
  const before = await blobsOf(azurite.container(container));
  for (const [name, { md5: found }] of Object.entries(before)) {
    expect([name, found]).toEqual([name, md5(files[name.slice("images/".length)] ?? bytes(40_000_000))]);
  }
  const present = Object.keys(before).length;
  expect(present).toBeGreaterThan(0);
  const { last } = await upload();
  expect(last).toMatch(new RegExp(`^61 files, \\d+ bytes, ${present} skipped, ${61 - present} sent`));
  const after = await blobsOf(azurite.container(container));
  expect(Object.keys(after)).toHaveLength(61);
  expect(after["images/large.bin"]?.md5).toBe(md5(bytes(40_000_000)));
});

test("blocks of an interrupted large file are not sent again", async () => {
  await write({ "large.bin": Buffer.concat([bytes(10_000_000, 1), bytes(10_000_000, 2), bytes(10_000_000, 3)]) });
  const refusing = await proxied(({ url }) =>
    url.includes("comp=blocklist") && !url.includes("blocklisttype")
      ? { status: 403, code: "AuthorizationFailure" }
      : undefined,
  );
  expect((await upload(refusing.endpoint)).status).toBe(1);
  expect(await blobsOf(azurite.container(container))).toEqual({});
  const proxy = await proxied();
  expect((await upload(proxy.endpoint)).last).toMatch(/^1 files, 30000000 bytes, 0 skipped, 1 sent/);
  expect(proxy.count("PUT", /comp=block&/)).toBe(0);
  expect(Object.keys(await blobsOf(azurite.container(container)))).toEqual(["images/large.bin"]);
});

test.each([
  ["small", 1000],
  ["large", 20_000_000],
])("a %s file that grows while it is sent is an error that names it, and the others are sent", async (_, size) => {
  await write({ "growing.jpg": bytes(size), "steady.jpg": "steady" });
  const proxy = await proxied(async (request) => {
    if (isPut(request) && request.url.includes("growing.jpg")) await appendFile(join(folder, "growing.jpg"), "more");
    return undefined;
  });
  const { status, stderr, stdout } = await upload(proxy.endpoint);
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(/growing\.jpg changed while it was being uploaded/);
  const found = await blobsOf(azurite.container(container));
  expect(found["images/steady.jpg"]?.md5).toBe(md5("steady"));
  // What is there, if anything, is what was sent, and is no excuse for the next run.
  const left = found["images/growing.jpg"]?.md5;
  expect([undefined, md5(bytes(size))]).toContain(left);
  expect((await upload()).last).toMatch(/1 skipped, 1 sent/);
});

test("what arrives damaged is refused by the service and sent again", async () => {
  await write({ "a.jpg": "undamaged", "large.bin": bytes(9_000_000) });
  const damaged = new Set<string>();
  const proxy = await proxied((request) => {
    const what = request.url.split("?")[0] ?? "";
    if (!isPut(request) || request.body.length < 5 || request.url.includes("blocklist") || damaged.has(what))
      return undefined;
    damaged.add(what);
    const body = Buffer.from(request.body);
    body[3] = (body[3] ?? 0) ^ 1;
    return { body };
  });
  expect((await upload(proxy.endpoint)).last).toMatch(/^2 files, 9000009 bytes, 0 skipped/);
  expect(damaged.size).toBe(2);
  const found = await blobsOf(azurite.container(container));
  expect([found["images/a.jpg"]?.md5, found["images/large.bin"]?.md5]).toEqual([
    md5("undamaged"),
    md5(bytes(9_000_000)),
  ]);
  expect(
    proxy.requests
      .filter((r) => isPut(r) && r.url.includes("a.jpg"))
      .every((r) => r.headers["content-md5"] === md5("undamaged")),
  ).toBe(true);
});

test("a busy service gets fewer requests at once, after the pause that it asks for", async () => {
  await write(Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`${index}.jpg`, `${index}`])));
  let refused = 0;
  let pauseUntil = 0;
  let early = 0;
  const proxy = await proxied((request) => {
    if (!isPut(request)) return undefined;
    if (refused < 4) {
      refused++;
      pauseUntil = Date.now() + 1000;
      return { status: refused % 2 ? 503 : 429, headers: { "retry-after": "1" } };
    }
    if (Date.now() < pauseUntil - 50) early++;
    return undefined;
  });
  expect((await upload(proxy.endpoint, "--concurrency", "4")).last).toMatch(/^40 files, 70 bytes, 0 skipped, 40 sent/);
  expect([refused, early]).toEqual([4, 0]);
});

test("connections that break are made again", async () => {
  await write(Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`${index}.jpg`, `${index}`])));
  const proxy = await proxied((_, seen) => (seen % 3 === 1 ? "reset" : undefined));
  expect((await upload(proxy.endpoint)).last).toMatch(/^20 files, 30 bytes, 0 skipped, 20 sent/);
});

test("removed local files stay, unless they are to be removed", async () => {
  await write({ "a.jpg": "a", "b/c.jpg": "c" });
  await upload();
  await azurite.container(container).getBlockBlobClient("images2/other.jpg").upload("o", 1);
  await rm(join(folder, "b/c.jpg"));
  expect((await upload()).last).toMatch(/^1 files, 1 bytes, 1 skipped/);
  expect(Object.keys(await blobsOf(azurite.container(container)))).toHaveLength(3);
  expect((await upload(undefined, "--remove-extra")).stdout).toMatch(/^1 blobs removed\n1 files/);
  expect(Object.keys(await blobsOf(azurite.container(container)))).toEqual(["images/a.jpg", "images2/other.jpg"]);
  await rm(join(folder, "a.jpg"));
  expect((await upload(undefined, "--remove-extra")).stderr).toMatch(
    /holds no file, and everything at the target would be removed/,
  );
});

test("a container's URL with a SAS", async () => {
  await write({ "a.jpg": "a" });
  const { last } = await run(
    "--dir",
    folder,
    "--container-url",
    await azurite.sasUrl(container),
    "--prefix",
    "/deep/er/",
  );
  expect(last).toMatch(/^1 files, 1 bytes, 0 skipped/);
  expect(Object.keys(await blobsOf(azurite.container(container)))).toEqual(["deep/er/a.jpg"]);
});

test.each([
  ["no folder", ["--connection-string", "UseDevelopmentStorage=true", "--prefix", "abc"], /--dir is missing/],
  [
    "a folder that is not there",
    ["--dir", "nowhere", "--connection-string", "UseDevelopmentStorage=true", "--prefix", "abc"],
    /--dir is "nowhere", which is not there/,
  ],
  ["no target", ["--dir", "."], /Give --container-url or --connection-string/],
  ["two targets", ["--dir", ".", "--container-url", "https://a.b/c", "--connection-string", "x"], /one of the two/],
  ["no container", ["--dir", ".", "--connection-string", "UseDevelopmentStorage=true"], /Give --container NAME/],
  [
    "a bad container",
    ["--dir", ".", "--connection-string", "UseDevelopmentStorage=true", "--prefix", "Bad_Name/x"],
    /"Bad_Name" is no name of a container/,
  ],
  [
    "a bad connection string",
    ["--dir", ".", "--connection-string", "AccountKey=secret", "--prefix", "abc"],
    /^(?!.*secret).*--connection-string cannot be read/s,
  ],
  [
    "a token over http",
    ["--dir", ".", "--container-url", "http://127.0.0.1:1/account/container"],
    /a token is only sent over https/,
  ],
  [
    "an account's URL",
    ["--dir", ".", "--container-url", "https://account.blob.core.windows.net/"],
    /is not https:.*\/CONTAINER/,
  ],
  [
    "no number of requests",
    ["--dir", ".", "--concurrency", "0", "--connection-string", "x", "--prefix", "abc"],
    /--concurrency is "0"/,
  ],
  ["an unknown option", ["--concurency", "4"], /^error: --concurency is no option; did you mean concurrency\?$/m],
])("%s is a mistake, said without a stack trace", async (_, args, message) => {
  const { status, stderr } = await run(...args);
  expect(status).toBe(1);
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/^\s+at /m);
});
