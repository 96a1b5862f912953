import { execFile, execFileSync } from "node:child_process";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { TestCloud, until } from "./testCloud";

const run = promisify(execFile);
const hasLimits = (() => {
  try {
    execFileSync("prlimit", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

/** A process whose files may not grow meets what it meets on a full disk; no rights of root are needed. */
(hasLimits ? describe : describe.skip)("a full disk", () => {
  let cloud: TestCloud;
  let group: string;
  beforeAll(async () => {
    cloud = await TestCloud.start();
    group = await cloud.group("rg");
    await cloud.account("fullst", group);
    await (await cloud.container("fullst", "images")).createIfNotExists();
  }, 30_000);
  afterAll(() => cloud.remove());

  const limit = (pid: number, bytes: number | "unlimited") =>
    run("prlimit", [`--pid=${pid}`, `--fsize=${bytes}:unlimited`]);
  const idOf = (name: string) => `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
  const filler = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`filler${index}`, "x".repeat(200)]));
  const put = (name: string) => cloud.arm("PUT", idOf(name), "2023-01-31", { location: "eastus2", tags: filler });

  test("is a 507 that says so, loses nothing that was acknowledged, and is over when there is room again", async () => {
    const { size } = await stat(join(cloud.stateFolder, "cloud", "db", "data.mdb"));
    await limit(cloud.record.pid, size + 64 * 1024);
    const kept: string[] = [];
    const refused: string[] = [];
    const writer = async (number: number) => {
      for (let index = 0; index < 200 && refused.length < 8; index++) {
        const name = `w${number}-${index}`;
        const { status, body } = await put(name);
        if (status === 201) kept.push(name);
        else refused.push(`${status} ${body.error?.code} ${body.error?.message}`);
      }
    };
    await Promise.all(Array.from({ length: 6 }, (_, number) => writer(number)));
    expect(kept.length).toBeGreaterThan(5);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused) expect(answer).toMatch(/^507 InsufficientStorage .*disk .* is full/);
    // Reading goes on.
    expect((await cloud.arm("GET", idOf(kept[0] ?? ""), "2023-01-31")).status).toBe(200);
    await limit(cloud.record.pid, "unlimited");
    await until(async () => (await put("after")).status === 201);
    await cloud.killAndRestart();
    for (const name of [...kept, "after"]) expect((await cloud.arm("GET", idOf(name), "2023-01-31")).status).toBe(200);
  }, 60_000);

  test("lets blobs fail that are not kept, and keeps those that were acknowledged", async () => {
    const found = await run("pgrep", ["-f", "-P", String(cloud.record.pid), "blobServiceMain"]);
    const pid = Number(found.stdout.trim());
    const container = await cloud.container("fullst", "images");
    await container.getBlockBlobClient("before").upload("before", 6);
    const upload = async (name: string) =>
      container
        .getBlockBlobClient(name)
        .upload(name.padEnd(3_000, "."), 3_000)
        .then(
          () => 201,
          (error: { statusCode?: number }) => error.statusCode,
        );
    await limit(pid, 40_000);
    const statuses = new Map<string, number | undefined>();
    for (let index = 0; index < 40; index++) statuses.set(`blob-${index}`, await upload(`blob-${index}`));
    const kept = [...statuses].filter(([, status]) => status === 201).map(([name]) => name);
    const refused = [...statuses.values()].filter((status) => status !== 201);
    expect(refused.length).toBeGreaterThan(0);
    expect(new Set(refused)).toEqual(new Set([507]));
    await limit(pid, "unlimited");
    expect(await upload("after")).toBe(201);
    await cloud.killAndRestart();
    const again = await cloud.container("fullst", "images");
    for (const name of [...kept, "after", "before"])
      expect((await again.getBlobClient(name).downloadToBuffer()).toString().startsWith(name)).toBe(true);
  }, 60_000);
});
