import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ensureEngine } from "../../../local/engine";
import { cacheFolder, isIntact } from "../../../local/engine/cache";
import { atLeast } from "../../../local/engine/version";

let folder: string;
let environment: NodeJS.ProcessEnv;
const bin = () => join(folder, "bin");

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "engine-test-"));
  await mkdir(bin());
  // A proxy that nobody listens at: the launcher's download is refused at once.
  environment = {
    PATH: `${bin()}:/usr/bin:/bin`,
    HOME: folder,
    XDG_CACHE_HOME: join(folder, "cache"),
    PULUMI_HOME: join(folder, "pulumi"),
    NODE_OPTIONS: "--dns-result-order=ipv4first",
    https_proxy: "http://127.0.0.1:9",
  };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function script(name: string, text: string): Promise<void> {
  await writeFile(join(bin(), name), `#!/bin/sh\n${text}\n`);
  await chmod(join(bin(), name), 0o755);
}

/** A `go` that writes what it is asked to build after a moment, and counts its builds. */
const fakeGo = (seconds: string) => `
[ "$1" = version ] && { echo "go version go1.26"; exit 0; }
echo build >> "${folder}/builds"
sleep ${seconds}
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\\necho v3.248.0\\n' > "$2"
chmod +x "$2"`;

async function builds(): Promise<number> {
  return (await readFile(join(folder, "builds"), "utf8").catch(() => "")).split("\n").length - 1;
}

describe("the engine", () => {
  test("on PATH wins when it is new enough and whole", async () => {
    await script("pulumi", "echo v3.300.1");
    await script("pulumi-language-nodejs", "exit 0");
    expect(await ensureEngine({ environment })).toMatchObject({
      source: "path",
      version: "3.300.1",
      pulumi: join(bin(), "pulumi"),
    });
  });

  test("is passed over when it is too old, and the user is told", async () => {
    await script("pulumi", "echo v3.100.0");
    await script("go", fakeGo("0"));
    const lines: string[] = [];
    expect((await ensureEngine({ environment, onProgress: (line) => lines.push(line) })).source).toBe("build");
    expect(lines.join("\n")).toMatch(/is 3\.100\.0; at least 3\.248\.0 is needed/);
  });

  test("is built once and found in the cache afterwards", async () => {
    await script("go", fakeGo("0"));
    expect((await ensureEngine({ environment })).source).toBe("build");
    expect((await ensureEngine({ environment })).source).toBe("cache");
    expect(await builds()).toBe(2);
  });

  test("is built again when its cache entry is broken", async () => {
    await script("go", fakeGo("0"));
    await ensureEngine({ environment });
    await writeFile(join(cacheFolder(environment), "pulumi"), "#!/bin/sh\necho cut");
    expect(await isIntact(cacheFolder(environment))).toBe(false);
    expect((await ensureEngine({ environment })).source).toBe("build");
  });

  test("two that build at once build once", async () => {
    await script("go", fakeGo("1"));
    const [one, two] = await Promise.all([ensureEngine({ environment }), ensureEngine({ environment })]);
    expect([one.source, two.source].sort()).toEqual(["build", "cache"]);
    expect(await builds()).toBe(2);
  }, 60_000);

  test("a builder that is killed leaves nothing that the next one trusts", async () => {
    await script("go", fakeGo("30"));
    const child = spawn(
      process.execPath,
      ["-r", require.resolve("tsx/cjs"), "-e", 'require("./local/engine").ensureEngine()'],
      { env: { ...environment, PATH: `${bin()}:${process.env.PATH}` }, stdio: "ignore" },
    );
    await until(async () => (await builds()) === 1);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await isIntact(cacheFolder(environment))).toBe(false);
    await script("go", fakeGo("0"));
    expect((await ensureEngine({ environment })).source).toBe("build");
  }, 90_000);

  test("a failed build shows the compiler's words and leaves nothing", async () => {
    await script("go", '[ "$1" = version ] && exit 0\necho "no space left on device" >&2\nexit 1');
    await expect(ensureEngine({ environment })).rejects.toThrow(/could not be built with Go:\nno space left on device/);
    const left = await readdir(dirname(cacheFolder(environment)));
    expect(left.filter((name) => !name.endsWith(".lock"))).toEqual([]);
  });

  test("without Go and anything else, one error says what to install", async () => {
    environment.PATH = bin();
    await expect(ensureEngine({ environment })).rejects.toThrow(
      /install pulumi 3\.248 or later .* or Go 1\.25\.11 or later/,
    );
  });

  test.each([
    ["3.248.0", "3.248.0", true],
    ["3.99.9", "3.248.0", false],
    ["4.0.0", "3.248.0", true],
  ])("%s is at least %s: %s", (a, b, expected) => {
    expect(atLeast(a, b)).toBe(expected);
  });
});

/** Bounded: the test's own time limit ends it. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}
