import { execFile } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectFolder } from "../../local/state";
import { writeCocoFile, type CocoShape } from "./cocoFile";
import type { Row } from "./rows";

const seed = 7;
/** Each converts once a round, in turn; the best time counts. */
const rounds = 2;
/** Largest share of the peer's time and memory. */
const limit = "0.2 x";

/** Runs a command and prints its wall time and processor time in seconds, and the peak memory of its largest process in bytes, as JSON. */
const measure = `import json, resource, subprocess, sys, time
started = time.monotonic()
subprocess.run(sys.argv[1:], check=True, stdout=sys.stderr)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({
    "seconds": time.monotonic() - started,
    "processor": used.ru_utime + used.ru_stime,
    "bytes": used.ru_maxrss * 1024,
}))`;

interface Measured {
  seconds: number;
  /** Seconds of the processor; where others load the machine, they tell more than the clock. */
  processor: number;
  /** Peak resident memory. */
  bytes: number;
}

/** Converts files of train2017's counts by this converter and by Microsoft's, in turn. Needs python3. */
export async function converterRows(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "bench-converter-"));
  try {
    return [...(await compare(folder, "polygons")), ...(await compare(folder, "boxes"))];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function compare(folder: string, shape: CocoShape): Promise<Row[]> {
  const file = join(folder, "instances.json");
  await writeCocoFile(file, seed, shape);
  const url = "azureml://datastore/paths/";
  const own: Measured[] = [];
  const peer: Measured[] = [];
  for (let round = 0; round < rounds; round++) {
    const args = ["--annotations", file, "--image-url", url, "--out", join(folder, "own"), "--validation-fraction"];
    own.push(await measured(["npm", "run", "-s", "data:convert", "--", ...args, "0.2"]));
    peer.push(await measured(["python3", join(__dirname, "converterPeer.py"), file, url, join(folder, "peer.jsonl")]));
  }
  const least = (all: readonly Measured[], key: keyof Measured) => Math.min(...all.map((one) => one[key]));
  const shown = (all: readonly Measured[]) =>
    `${least(all, "seconds").toFixed(1)} s, ${Math.round(least(all, "bytes") / 1024 ** 2)} MB`;
  const share = (key: keyof Measured) => `${(least(own, key) / least(peer, key)).toFixed(2)} x`;
  const what = shape === "polygons" ? "polygons" : "boxes alone";
  return [
    {
      what: `Microsoft's converter, ${Math.round((await stat(file)).size / 1e6)} MB with ${what} (peer)`,
      figure: shown(peer),
      limit: "",
    },
    { what: "data:convert on the same", figure: shown(own), limit: "" },
    { what: "  of the peer's time", figure: share("seconds"), limit },
    { what: "  of the peer's processor time", figure: share("processor"), limit: "" },
    { what: "  of the peer's peak memory", figure: share("bytes"), limit },
  ];
}

async function measured(command: readonly string[]): Promise<Measured> {
  const { stdout } = await promisify(execFile)("python3", ["-c", measure, ...command], { cwd: projectFolder });
  return JSON.parse(stdout) as Measured;
}
