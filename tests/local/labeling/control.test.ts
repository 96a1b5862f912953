import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { CloudRecord } from "../../../local/environment";
import {
  labelingEnvironment,
  labelingStatus,
  startLabeling,
  stopLabeling,
  switchOff,
} from "../../../local/labeling/control";
import { findPython } from "../../../local/labeling/python";
import { until } from "../emulator/testCloud";
import { isAlive } from "../../../local/processes";

describe("Label Studio of the local stack", () => {
  let folder: string;
  let root: string;
  let python: string;
  const environment = { ...process.env };
  const cloud = { url: "https://localhost:1", blobUrl: "https://localhost:1", caFile: "/none" } as CloudRecord;
  const printed: string[] = [];
  const startIt = () => startLabeling(root, cloud, (line) => printed.push(line));
  const readJson = async <T>(name: string) => JSON.parse(await readFile(join(root, "labeling", name), "utf8")) as T;
  const record = () => readJson<{ pid: number; gatewayPid: number; port: number }>("service.json");

  /** An installation whose Python answers as the real one does, and runs a stand-in. */
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "labeling-"));
    root = join(folder, "state");
    process.env.XDG_CACHE_HOME = join(folder, "cache");
    const installed = join(folder, "cache/azure-ml-object-detection/label-studio/1.23.2");
    python = join(installed, "venv/bin/python");
    await mkdir(dirname(python), { recursive: true });
    await mkdir(root);
    await writeFile(join(installed, "complete.json"), "{}");
    const stand = join(__dirname, "fakeStudio.cjs");
    await writeFile(
      python,
      `#!/bin/sh\nif [ "$1" = -c ]; then echo 1.23.2; else exec ${process.execPath} ${stand} "$@"; fi\n`,
    );
    await chmod(python, 0o755);
  });
  afterEach(async () => {
    await stopLabeling(root);
    process.env = { ...environment };
    await rm(folder, { recursive: true, force: true });
  });

  test("starts once for two that ask at once, with its secrets in a file for the owner alone", async () => {
    const [first, second] = await Promise.all([startIt(), startIt()]);
    expect(second).toEqual(first);
    expect(first.labelersLink).toBe(`${first.url}/user/signup/?token=invited`);
    expect(await readFile(join(root, "labeling/data/label_studio.sqlite3"), "utf8")).toBe("started\n");
    expect((await stat(first.credentialsFile)).mode & 0o777).toBe(0o600);
    expect(await labelingStatus(root)).toContain(`answers at ${first.url}`);
    const pointed = await labelingEnvironment(root);
    expect(Object.keys(pointed).sort()).toEqual([
      "LABELING_IMAGES_KEYS",
      "LABELING_IMAGES_URL",
      "LABEL_STUDIO_API_KEY",
      "LABEL_STUDIO_URL",
    ]);
    expect((await fetch(`${pointed.LABELING_IMAGES_URL}/images/a/b/c.jpg`)).status).toBe(403);
  }, 30_000);

  test("gets nothing of the user's environment that it would read as its own settings", async () => {
    Object.assign(process.env, { PORT: "1", USERNAME: "somebody", LABEL_STUDIO_DATABASE_NAME: "/elsewhere" });
    await startIt();
    const seen = await readJson<Record<string, string>>("data/environment.json");
    expect(seen).toMatchObject({
      LABEL_STUDIO_COLLECT_ANALYTICS: "false",
      LABEL_STUDIO_SSRF_PROTECTION_ENABLED: "true",
    });
    for (const name of ["PORT", "USERNAME", "LABEL_STUDIO_DATABASE_NAME"]) expect(seen).not.toHaveProperty(name);
  }, 30_000);

  test("comes back at its address after a kill, and after a stop", async () => {
    const { url } = await startIt();
    const { pid } = await record();
    process.kill(pid, "SIGKILL");
    await until(() => !isAlive(pid));
    expect(await labelingStatus(root)).toContain(`is not running; "npm run local:labeling" starts it at ${url}`);
    expect((await startIt()).url).toBe(url);
    expect([await stopLabeling(root), await stopLabeling(root)]).toEqual([true, false]);
    expect((await startIt()).url).toBe(url);
    expect(await switchOff(root)).toBe(true);
    expect(await labelingEnvironment(root)).toEqual({});
    expect(existsSync(join(root, "labeling/data"))).toBe(true);
  }, 30_000);

  test("refuses a port that another program has, and says what to set", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    process.env.LOCAL_LABELING_PORT = String((other.address() as AddressInfo).port);
    await expect(startIt()).rejects.toThrow(/is taken by another program.*LOCAL_LABELING_PORT/);
    // As after a kill: the port is free a moment after the process is gone.
    const later = setTimeout(() => other.close(), 300);
    await startIt();
    clearTimeout(later);
  }, 30_000);

  test("says what ended it, and installs anew when its Python lacks a file", async () => {
    const good = await readFile(python, "utf8");
    await writeFile(
      python,
      `#!/bin/sh\n[ "$1" = -c ] && echo 1.23.2 && exit\necho "ModuleNotFoundError: no django"; exit 1\n`,
    );
    await expect(startIt()).rejects.toThrow(
      /Label Studio did not start: it ended with status 1\.\nModuleNotFoundError/,
    );
    await writeFile(python, good);
    process.env.LOCAL_PYTHON = join(folder, "missing");
    await expect(startIt()).rejects.toThrow(/needs Python 3\.10 or later.*missing of LOCAL_PYTHON cannot be run/);
  }, 30_000);

  test("never makes other credentials for a database that has some", async () => {
    const { credentialsFile } = await startIt();
    await stopLabeling(root);
    await writeFile(credentialsFile, '{"user":');
    await expect(startIt()).rejects.toThrow(/credentials\.json is not there or damaged.*local:reset/);
  }, 30_000);

  test.each([
    ["3.9.2", /needs Python 3\.10 or later.*python \(3\.9\.2\)/],
    ["3.12.1", undefined],
  ])("takes Python %s or says why not", async (version, refusal) => {
    await writeFile(python, `#!/bin/sh\necho ${version}\n`);
    const found = findPython({ ...process.env, LOCAL_PYTHON: python });
    if (refusal) await expect(found).rejects.toThrow(refusal);
    else expect(await found).toEqual({ command: python, version });
  });
});
