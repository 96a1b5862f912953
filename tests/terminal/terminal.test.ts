import { spawnSync } from "node:child_process";
import { createWriteStream, existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scripts } from "../../package.json";
import { lockPath } from "../../local/lock";
import { runTool } from "../commands/command";
import { controlC, describeOnTerminal, onTerminal } from "./pseudoTerminal";

const escape = "\u001b";
const red = `${escape}[1;31merror:${escape}[0m`;
const cursorShown = `${escape}[?25h`;

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), "terminal-"))));
// What was interrupted may still write its caches.
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

describe("where nobody looks", () => {
  const mistaken = (env: NodeJS.ProcessEnv) => {
    const { NO_COLOR: _, FORCE_COLOR: __, ...others } = process.env;
    return runTool("dataShow", ["nowhere", "--most", "x"], { env: { ...others, ...env } });
  };

  test.each([
    [{}, "error: --most"],
    [{ NO_COLOR: "1", FORCE_COLOR: "0" }, "error: --most"],
    [{ FORCE_COLOR: "1" }, `${red} --most`],
  ])("with %j a mistake begins as %j", async (env, beginning) => {
    const { status, stderr } = await mistaken(env);
    expect(stderr.slice(0, beginning.length)).toBe(beginning);
    expect(status).toBe(1);
  });
});

/** Annotations of so many megabytes. */
async function writeAnnotations(file: string, megabytes: number): Promise<void> {
  const out = createWriteStream(file);
  out.write('{"images":[{"id":1,"file_name":"1.jpg","width":10,"height":10}],"categories":[{"id":1,"name":"cat"}],');
  out.write('"annotations":[');
  const one = '{"id":1,"image_id":1,"category_id":1,"bbox":[1,1,2,2]}';
  const lines = `${`${one},`.repeat(20_000)}`;
  for (let bytes = 0; bytes < megabytes * 1e6; bytes += lines.length) if (!out.write(lines)) await once(out, "drain");
  out.end(`${one}]}`);
  await once(out, "finish");
}

test("a state folder that cannot be made is named, with what chooses another", async () => {
  const file = join(folder, "file");
  await writeFile(file, "");
  const { status, stderr } = spawnSync("npm", ["run", "-s", "local:start"], {
    env: { ...process.env, LOCAL_STATE_DIR: file },
    encoding: "utf8",
  });
  expect(stderr).toMatch(
    /^.*error:.* ENOTDIR: not a directory, mkdir '.*\/file\/cloud'\. .*LOCAL_STATE_DIR chooses another folder\.\n$/,
  );
  expect(status).toBe(1);
});

describeOnTerminal("on a terminal", () => {
  const convert = (file: string, out: string) =>
    `npm run -s data:convert -- --annotations ${file} --image-url x/ --out ${out}`;

  test("long work has a bar, and a mistake stands out", async () => {
    const file = join(folder, "some.json");
    await writeAnnotations(file, 30);
    const { output } = await onTerminal(convert(file, join(folder, "some")));
    expect(output).toMatch(/reading the annotations \(MB\) \[.+\] \d+% [\d.]+\/3\d.*left/);
    expect(output).toContain(cursorShown);
    const mistake = await onTerminal("npm run -s data:convert -- --annotations x");
    expect(mistake.output).toContain(`${red} --image-url is missing`);
    expect(mistake.status).toBe(1);
  });

  test("a bar fits a narrow terminal, with its figures", async () => {
    const file = join(folder, "narrow.json");
    await writeAnnotations(file, 30);
    const command = `stty cols 70; ${convert(file, join(folder, "narrow"))}`;
    const { output } = await onTerminal(command, { NO_COLOR: "1" });
    const frames = [...output.matchAll(/» reading the annotations[^\u001b]*/g)].map(([frame]) => frame);
    expect(frames.length).toBeGreaterThan(0);
    for (const frame of frames) expect(frame).toMatch(/^(?=.{1,70}$).* left$/);
  });

  test("one Ctrl-C reaches the engine of a deploy once, and the summary says how far it got", async () => {
    const place = join(folder, "bin");
    await mkdir(place);
    // It ends when interrupted, as the engine does, and tells of a second interruption until then.
    const engine = `#!/bin/bash
[ "$1" = up ] || exit 0
times=0
trap 'times=$((times + 1)); echo "interruption $times"' INT
while [ "$1" != --event-log ]; do shift; done
echo '{"timestamp":1}' >"$2"
echo "the engine works"
until [ $times -gt 0 ]; do sleep 0.1; done
for _ in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1; done
exit 255
`;
    await writeFile(join(place, "pulumi"), engine, { mode: 0o755 });
    const path = `${place}:${process.env.PATH}`;
    const { status, output } = await onTerminal(
      `${process.execPath} --require tsx/cjs commands/deploy.ts --stack dev`,
      { PATH: path },
      (shown) => (shown.includes("the engine works") ? controlC : undefined),
    );
    expect(output).toContain("interruption 1");
    expect(output).not.toContain("interruption 2");
    expect(output).toContain("Changes");
    expect(output).toContain("interrupted; the same command goes on from here");
    expect(status).toBe(130);
  });

  test("no command runs below tsx's command line, which kills a program that is busy when Ctrl-C comes", () => {
    const lines = Object.values(scripts).filter((line) => line.includes("tsx"));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(/^node .*--require tsx\/cjs /);
  });

  test("NO_COLOR leaves the bar, and takes the colours", async () => {
    const { output } = await onTerminal(convert(join(folder, "some.json"), join(folder, "some")), { NO_COLOR: "1" });
    expect(output).toMatch(/» reading the annotations/);

    expect(output).not.toMatch(/\u001b\[[\d;]*m/);
  });

  test("the first Ctrl-C ends work that has a bar, and shows the cursor again", async () => {
    const file = join(folder, "much.json");
    await writeAnnotations(file, 200);
    const out = join(folder, "much");
    const { status, output } = await onTerminal(convert(file, out), {}, (shown) =>
      shown.includes("reading the annotations") ? controlC : undefined,
    );
    expect(status).toBe(130);
    expect(output).toContain(cursorShown);
    expect(existsSync(join(out, "report.json"))).toBe(false);
  });

  test("Ctrl-C ends up:local while it waits for another's lock", async () => {
    const state = join(folder, "state");
    await mkdir(join(state, "cloud"), { recursive: true });
    const release = await lockPath(join(state, "cloud"), { staleMs: 60_000 });
    try {
      const { status, output } = await onTerminal("npm run up:local", { LOCAL_STATE_DIR: state }, (shown) =>
        /Pulumi \d/.test(shown) ? controlC : undefined,
      );
      expect(output).toContain("interrupted; the same command goes on from here");
      expect(status).toBe(130);
    } finally {
      await release();
    }
  });

  test("Ctrl-C ends the bench, its cloud, and its folder", async () => {
    const place = join(folder, "bench");
    await mkdir(place);
    await writeFile(join(place, "note"), "");
    // The bench says nothing before its table, so its cloud's record is what is waited for.
    const watched = `(until ls ${place}/bench-*/cloud/endpoint.json >/dev/null 2>&1; do sleep 0.1; done; echo it is up) & exec npm run -s bench -- local`;
    const { output, status } = await onTerminal(watched, { TMPDIR: place }, (shown) =>
      shown.includes("it is up") ? controlC : undefined,
    );
    expect({ output, status }).toMatchObject({ status: 130 });
    const left = (await readdir(place)).filter((name) => name.startsWith("bench-"));
    expect(left).toEqual([]);
    expect(spawnSync("pgrep", ["-fa", place], { encoding: "utf8" }).stdout).toBe("");
  });
});
