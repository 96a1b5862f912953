import { execFile } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectFolder } from "../../local/state";
import { writeCocoFile } from "./cocoFile";

const seed = 7;
/** A checkout of github.com/Azure/azureml-examples, with Microsoft's converter; without, a stand-in is the peer. */
const examplesVariable = "AZUREML_EXAMPLES";
const converterFolder = "sdk/python/jobs/automl-standalone-jobs/jsonl-conversion";

/** Runs a command and prints its wall time in seconds and the peak memory of its largest process in bytes, as JSON. */
const measure = `import json, resource, subprocess, sys, time
started = time.monotonic()
subprocess.run(sys.argv[1:], check=True, stdout=sys.stderr)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
print(json.dumps({"seconds": time.monotonic() - started, "bytes": peak}))`;

interface Measured {
  seconds: number;
  /** Peak resident memory. */
  bytes: number;
}

/** Converts a file of train2017's size by this converter and by its peer, one after the other. Needs python3. */
export async function converterRows(): Promise<{ what: string; figure: string; limit: string }[]> {
  const folder = await mkdtemp(join(tmpdir(), "bench-converter-"));
  try {
    const file = join(folder, "instances.json");
    await writeCocoFile(file, seed);
    const megabytes = Math.round((await stat(file)).size / 1e6);
    const examples = process.env[examplesVariable];
    const url = "azureml://datastore/paths/";
    const own = await measured(
      ["npm", "run", "-s", "data:convert", "--"],
      ["--annotations", file, "--image-url", url, "--out", join(folder, "own"), "--validation-fraction", "0.2"],
    );
    const peer = await measured(
      ["python3", join(__dirname, "converterPeer.py")],
      [file, url, join(folder, "peer.jsonl"), ...(examples ? [join(examples, converterFolder)] : [])],
    );
    const peerName = examples ? "Microsoft's converter" : "a stand-in of Microsoft's converter";
    return [
      { what: `${peerName}, ${megabytes} MB of annotations (peer)`, figure: shown(peer), limit: "" },
      { what: "data:convert on the same", figure: shown(own), limit: "" },
      { what: "  of the peer's time", figure: `${(own.seconds / peer.seconds).toFixed(2)} x`, limit: "0.2 x" },
      { what: "  of the peer's peak memory", figure: `${(own.bytes / peer.bytes).toFixed(2)} x`, limit: "0.2 x" },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function shown({ seconds, bytes }: Measured): string {
  return `${seconds.toFixed(1)} s, ${Math.round(bytes / 1024 ** 2)} MB`;
}

async function measured(command: readonly string[], args: readonly string[]): Promise<Measured> {
  const { stdout } = await promisify(execFile)("python3", ["-c", measure, ...command, ...args], { cwd: projectFolder });
  return JSON.parse(stdout) as Measured;
}
