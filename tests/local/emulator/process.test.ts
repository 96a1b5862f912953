import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import { runningCloud, startCloud, stopCloud } from "../../../local/emulator/control";
import { isAlive, TestCloud, until, versions } from "./testCloud";

describe("the process of the local cloud", () => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await TestCloud.start();
  }, 30_000);
  afterAll(() => cloud.remove());

  test("a second start finds the first", async () => {
    expect(await startCloud(cloud.stateFolder)).toEqual(cloud.record);
  });

  test("what it keeps can be read by its owner alone", async () => {
    const folder = join(cloud.stateFolder, "cloud");
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const open: string[] = [];
    for (const entry of entries) {
      const { mode } = await stat(join(entry.parentPath, entry.name));
      if ((mode & 0o077) !== 0) open.push(entry.name);
    }
    expect(open).toEqual([]);
    expect((await stat(folder)).mode & 0o077).toBe(0);
  });

  test("other machines cannot reach it", async () => {
    const address = Object.values(networkInterfaces())
      .flat()
      .find((candidate) => candidate && !candidate.internal && candidate.family === "IPv4")?.address;
    if (!address) return;
    for (const port of [cloud.record.port, cloud.record.blobPort]) {
      const socket = connect({ port, host: address, timeout: 2_000 });
      const outcome = await Promise.race([
        once(socket, "connect").then(() => "connected"),
        once(socket, "timeout").then(() => "no answer"),
      ]).catch(() => "refused");
      socket.destroy();
      expect(outcome).not.toBe("connected");
    }
  });

  test("kill -9 loses nothing that was answered, blobs included, and keeps the addresses", async () => {
    const { url, blobUrl, pid } = cloud.record;
    const group = await cloud.group("kept");
    await cloud.account("keptaccount", group);
    const containerId = `${group}/providers/Microsoft.Storage/storageAccounts/keptaccount/blobServices/default/containers/images`;
    await cloud.put(containerId, versions.storage, { properties: {} });
    const container = await cloud.container("keptaccount", "images");
    const names = Array.from({ length: 20 }, (_, index) => `${index}.txt`);
    await Promise.all(names.map((name) => container.getBlockBlobClient(name).uploadData(Buffer.from(name))));

    await cloud.killAndRestart();

    expect(cloud.record.pid).not.toBe(pid);
    expect([cloud.record.url, cloud.record.blobUrl]).toEqual([url, blobUrl]);
    expect((await cloud.arm("GET", containerId, versions.storage)).status).toBe(200);
    const again = await cloud.container("keptaccount", "images");
    for (const name of names) expect((await again.getBlobClient(name).downloadToBuffer()).toString()).toBe(name);
  }, 30_000);

  test("the blob service ends with the cloud, and comes back when it alone dies", async () => {
    const child = await blobProcessOf(cloud.record.pid);
    process.kill(child, "SIGKILL");
    const container = await cloud.container("keptaccount", "images");
    await until(() => container.exists().catch(() => false));
    const next = await blobProcessOf(cloud.record.pid);
    expect(next).not.toBe(child);
    process.kill(cloud.record.pid, "SIGKILL");
    await until(() => !isAlive(next));
    cloud.record = await startCloud(cloud.stateFolder);
  }, 30_000);

  test("two that start at once get the same process", async () => {
    await stopCloud(cloud.stateFolder);
    expect(await runningCloud(cloud.stateFolder)).toBeUndefined();
    const [one, other] = await Promise.all([startCloud(cloud.stateFolder), startCloud(cloud.stateFolder)]);
    expect(one).toEqual(other);
    cloud.record = one;
  }, 30_000);

  test("a port that another program has is named, and so is the way out", async () => {
    await stopCloud(cloud.stateFolder);
    for (const [port, name] of [
      [cloud.record.port, "LOCAL_CLOUD_PORT"],
      [cloud.record.blobPort, "LOCAL_BLOB_PORT"],
    ] as const) {
      const thief = createServer().listen(port, "127.0.0.1");
      await once(thief, "listening");
      const started = startCloud(cloud.stateFolder);
      await expect(started).rejects.toThrow(new RegExp(`${port}[^]*${name}`));
      thief.close();
      await once(thief, "close");
    }
    const { port } = cloud.record;
    cloud.record = await startCloud(cloud.stateFolder);
    expect(cloud.record.port).toBe(port);
  }, 60_000);
});

describe("certificates", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "certificates-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const inProcess = async () => (await import("../../../local/emulator/tls")).ensureCertificates(join(folder, "ca"));

  test("are made once and used again", async () => {
    const first = await inProcess();
    expect(await inProcess()).toEqual(first);
    const leaf = new X509Certificate(first.certificate);
    expect(leaf.checkHost("localhost")).toBe("localhost");
    expect(leaf.checkIP("127.0.0.1")).toBe("127.0.0.1");
  });

  test.each(["ca.pem", "localhost.pem", "localhost.key"])("a damaged %s is one clear error", async (file) => {
    await inProcess();
    await writeFile(join(folder, "ca", file), "damaged");
    await expect(inProcess()).rejects.toThrow(/certificates in ".*" are damaged .* Delete that folder and start again/);
  });

  test("a missing certificate of localhost is made anew", async () => {
    const first = await inProcess();
    await rm(first.certificateFile);
    const next = await inProcess();
    expect(next.certificate).not.toBe(first.certificate);
  });

  test("localhost's is renewed with the same CA", async () => {
    const first = await inProcess();
    const { renewLeaf } = await import("../../../local/emulator/certificates");
    const files = {
      ca: first.caFile,
      caKey: join(folder, "ca", "ca.key"),
      leaf: first.certificateFile,
      leafKey: first.keyFile,
    };
    const ca = await readFile(first.caFile, "utf8");
    await renewLeaf(files);
    const next = await inProcess();
    expect(next.certificate).not.toBe(first.certificate);
    expect(await readFile(next.caFile, "utf8")).toBe(ca);
  });
});

async function blobProcessOf(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)("pgrep", ["-f", "-P", String(pid), "blobServiceMain"]);
  return Number(stdout.trim());
}
