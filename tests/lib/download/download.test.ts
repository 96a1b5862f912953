import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { download } from "../../../lib/download";
import { FileServer } from "./fileServer";

const content = randomBytes(500_000);
let server: FileServer;
let folder: string;
let file: string;
beforeEach(async () => {
  server = await FileServer.start();
  server.files.set("/a.zip", { content, etag: '"1"' });
  folder = await mkdtemp(join(tmpdir(), "download-"));
  file = join(folder, "a.zip");
});
afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

const fetchIt = (more: { stallMs?: number; patienceMs?: number } = {}) =>
  download({ url: `${server.url}/a.zip`, file, ...more });

async function expectWhole(expected = content): Promise<void> {
  expect((await readFile(file)).equals(expected)).toBe(true);
  expect(await readdir(folder)).toEqual(["a.zip"]);
}

test("a file comes, once", async () => {
  const seen: (number | undefined)[] = [];
  await download({ url: `${server.url}/a.zip`, file, onProgress: (done, total) => seen.push(done, total) });
  await expectWhole();
  expect(seen.slice(-2)).toEqual([content.length, content.length]);
  await fetchIt();
  expect(server.requests).toHaveLength(1);
});

test("each broken connection is taken up where it broke", async () => {
  server.trouble = (number) => (number < 10 ? { cutAfter: 30_000 } : undefined);
  await fetchIt();
  await expectWhole();
  const starts = server.requests.map(({ range }) => Number(/\d+/.exec(range ?? "0")?.[0]));
  expect(starts).toHaveLength(11);
  expect(starts).toEqual([...starts].sort((a, b) => a - b));
});

test("a part of a download that ended is taken up by the next one", async () => {
  server.trouble = (number) => (number === 0 ? { cutAfter: 100_000 } : { status: 403 });
  await expect(fetchIt()).rejects.toThrow(/a\.zip answered 403/);
  expect((await readdir(folder)).sort()).toEqual(["a.zip.part", "a.zip.part.json"]);
  server.trouble = () => undefined;
  await fetchIt();
  await expectWhole();
  expect(server.requests.at(-1)?.range).toMatch(/^bytes=[1-9]\d*-$/);
});

test("a file that the server has changed is taken from its beginning", async () => {
  const other = randomBytes(400_000);
  server.trouble = (number) => {
    if (number > 0) return undefined;
    setImmediate(() => server.files.set("/a.zip", { content: other, etag: '"2"' }));
    return { cutAfter: 100_000 };
  };
  await fetchIt();
  await expectWhole(other);
});

test("a part from elsewhere than was asked for is not taken", async () => {
  server.trouble = (number) => [{ cutAfter: 100_000 }, { wrongStart: 0 }][number];
  await fetchIt();
  await expectWhole();
});

test("a server that knows no ranges is asked for all of it again", async () => {
  server.knowsRanges = false;
  server.trouble = (number) => (number < 2 ? { cutAfter: 100_000 } : undefined);
  await fetchIt();
  await expectWhole();
});

test("a server that always breaks off at one place is given up, with what to do", async () => {
  server.knowsRanges = false;
  server.trouble = () => ({ cutAfter: 100_000 });
  await expect(fetchIt()).rejects.toThrow(
    /could not be downloaded: .*\. What has come so far is kept in .*a\.zip\.part; run the same command/,
  );
}, 120_000);

test("a busy server is left alone as long as it asks for", async () => {
  const times: number[] = [];
  server.trouble = (number) => {
    times.push(Date.now());
    return number < 2 ? { status: 503, headers: { "retry-after": "1" } } : undefined;
  };
  await fetchIt();
  await expectWhole();
  const [first = 0, , third = 0] = times;
  expect(third - first).toBeGreaterThanOrEqual(1990);
});

test("a server that wants to be left alone for longer than is waited for is an error", async () => {
  server.trouble = () => ({ status: 503, headers: { "retry-after": "3600" } });
  await expect(fetchIt({ patienceMs: 1000 })).rejects.toThrow(/it answered 503/);
});

test("a connection that brings nothing is given up and made again", async () => {
  server.trouble = (number) => (number === 0 ? { stallAfter: 50_000 } : undefined);
  await fetchIt({ stallMs: 300 });
  await expectWhole();
});

test("a file that is not there is an error with the address, and leaves no file", async () => {
  await expect(download({ url: `${server.url}/b.zip`, file })).rejects.toThrow(
    /\/b\.zip answered 404\. Check the address/,
  );
  expect(await readdir(folder)).toEqual(["a.zip.part"]);
});
