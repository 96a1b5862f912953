import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasCrashed, runningCloud, startCloud, stopCloud } from "../../local/emulator/control";
import { keepingCloud } from "../../local/keepCloud";
import { until } from "./emulator/testCloud";

describe("a local cloud while work goes on", () => {
  let root: string;
  beforeEach(async () => (root = await mkdtemp(join(tmpdir(), "kept-"))));
  afterEach(async () => {
    await stopCloud(root);
    await rm(root, { recursive: true, force: true });
  });
  const { signal } = new AbortController();

  test("is started again at its address when it is killed", async () => {
    const first = await startCloud(root);
    const again = await keepingCloud(root, signal, async () => {
      process.kill(first.pid, "SIGKILL");
      await until(async () => (await runningCloud(root)) !== undefined && !(await hasCrashed(root)));
      return runningCloud(root);
    });
    expect(again).toMatchObject({ url: first.url, blobUrl: first.blobUrl });
    expect(again?.pid).not.toBe(first.pid);
  }, 40_000);

  test("counts as stopped when somebody stops it, and is let alone once the work is done", async () => {
    const first = await startCloud(root);
    await stopCloud(root);
    expect([await hasCrashed(root), await runningCloud(root)]).toEqual([false, undefined]);

    const { pid, url } = await startCloud(root);
    expect(url).toBe(first.url);
    const failed = keepingCloud(root, signal, async () => {
      process.kill(pid, "SIGKILL");
      throw new Error("the work failed");
    });
    await expect(failed).rejects.toThrow("the work failed");
    await until(() => hasCrashed(root));
  }, 40_000);
});
