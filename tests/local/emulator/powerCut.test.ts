import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { typescriptOptions } from "../../../lib/typescript";
import { openStore } from "../../../local/emulator/store";
import { seededRandom } from "../../../local/sample/random";

const source = join(__dirname, "powerCut", "recorder.c");
const writer = join(__dirname, "powerCut", "writerMain.ts");
const writes = 40;
const cuts = 60;
/** What a disk writes at once. */
const sector = 512;

interface Entry {
  kind: "W" | "D" | "S" | "A";
  offset: number;
  data: Buffer;
}

/** Runs only where a C compiler is: what a process writes is recorded by a library that stands before libc. */
const compiles = (() => {
  try {
    execFileSync("cc", ["--version"], { stdio: "ignore" });
    return process.platform === "linux";
  } catch {
    return false;
  }
})();

(compiles ? describe : describe.skip)("a power cut", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "power-"));
    execFileSync("cc", ["-shared", "-fPIC", "-O1", "-o", join(folder, "recorder.so"), source, "-lpthread"]);
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const record = async (name: string, ...options: string[]): Promise<Entry[]> => {
    const log = join(folder, `${name}.log`);
    await promisify(execFile)(
      process.execPath,
      [...typescriptOptions, writer, join(folder, name), String(writes), ...options],
      { env: { ...process.env, LD_PRELOAD: join(folder, "recorder.so"), POWER_CUT_LOG: log } },
    );
    return entriesOf(await readFile(log));
  };

  /** Keys that were acknowledged before the cut and are not there after it; all of them when the file cannot be opened. */
  const lostAfter = async (
    entries: readonly Entry[],
    cut: number,
    seed: number,
    keysOf: (folder: string) => Promise<Set<string>>,
  ) => {
    const place = join(folder, `cut-${seed}`);
    await mkdir(place, { recursive: true });
    await writeFile(join(place, "data.mdb"), diskAfter(entries.slice(0, cut), seed));
    const acknowledged = entries
      .slice(0, cut)
      .filter(({ kind }) => kind === "A")
      .map(({ data }) => data.toString().trim());
    const found = await keysOf(place).catch(() => new Set<string>());
    await rm(place, { recursive: true });
    return acknowledged.filter((key) => !found.has(key));
  };

  test("at any moment, with any part of what was not synced written, loses nothing that was acknowledged", async () => {
    const entries = await record("strict");
    expect(entries.filter(({ kind }) => kind === "A")).toHaveLength(6 * writes);
    const keysOf = async (place: string) => {
      const store = openStore(place);
      const keys = new Set([...store.table("kept").list()].map(({ key }) => key));
      await store.close();
      return keys;
    };
    const random = seededRandom(11);
    const first = entries.findIndex(({ kind }) => kind === "A");
    for (let round = 0; round < cuts; round++) {
      const cut = Math.floor(random.number(first, entries.length + 1));
      expect(await lostAfter(entries, cut, round, keysOf)).toEqual([]);
    }
  }, 120_000);

  test("is seen by this very test where the database acknowledges before the disk has it", async () => {
    const entries = await record("lax", "unsynced");
    // In a process of its own, which a damaged file may end.
    const script = `const database = require("lmdb").open({ path: process.argv[1], noSync: true });
      console.log(JSON.stringify([...database.getKeys()]));`;
    const keysOf = async (place: string) => {
      const { stdout } = await promisify(execFile)(process.execPath, ["-e", script, place]);
      return new Set(JSON.parse(stdout) as string[]);
    };
    const random = seededRandom(12);
    const first = entries.findIndex(({ kind }) => kind === "A");
    let lost = 0;
    for (let round = 0; round < 12; round++) {
      const cut = Math.floor(random.number(first, entries.length + 1));
      lost += (await lostAfter(entries, cut, 1_000 + round, keysOf)).length;
    }
    expect(lost).toBeGreaterThan(0);
  }, 120_000);
});

function entriesOf(log: Buffer): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at < log.length;) {
    const length = Number(log.readBigUInt64LE(at + 9));
    entries.push({
      kind: String.fromCharCode(log[at] ?? 0) as Entry["kind"],
      offset: Number(log.readBigUInt64LE(at + 1)),
      data: log.subarray(at + 17, at + 17 + length),
    });
    at += 17 + length;
  }
  return entries;
}

/** What is on the disk: all that was synced, and of the rest each sector or not. */
function diskAfter(entries: readonly Entry[], seed: number): Buffer {
  const random = seededRandom(seed);
  const ends = entries.map(({ kind, offset, data }) => (kind === "W" || kind === "D" ? offset + data.length : 0));
  const disk = Buffer.alloc(ends.reduce((most, end) => Math.max(most, end), 0));
  const lastSync = entries.reduce((last, { kind }, index) => (kind === "S" ? index : last), -1);
  for (const [index, { kind, offset, data }] of entries.entries()) {
    if (kind !== "W" && kind !== "D") continue;
    if (kind === "D" || index < lastSync) {
      data.copy(disk, offset);
      continue;
    }
    for (let at = 0; at < data.length; at += sector)
      if (random.number(0, 1) < 0.5) data.subarray(at, at + sector).copy(disk, offset + at);
  }
  return disk;
}
