import { spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import lockfile from "proper-lockfile";
import { UserError } from "../../lib/errors";
import { withoutAzure, type CloudRecord } from "../environment";
import { ensureCertificates } from "./tls";

const startLimitMs = 30_000;
const stopLimitMs = 10_000;
const pollMs = 50;

/** The cloud of a state folder, when it runs and answers. */
export async function runningCloud(stateFolder: string): Promise<CloudRecord | undefined> {
  const record = await recordOf(stateFolder);
  return record && isAlive(record.pid) && (await answers(record)) ? record : undefined;
}

/**
 * Starts the local cloud as a background process, or finds the one that runs. Two that start at once get the same one.
 * @throws UserError when it does not come up: a taken port, damaged certificates, a full disk
 */
export async function startCloud(stateFolder: string): Promise<CloudRecord> {
  const folder = join(stateFolder, "cloud");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const release = await lockfile.lock(folder, {
    retries: { retries: 600, minTimeout: 100, maxTimeout: 100 },
    stale: 15_000,
  });
  try {
    const running = await runningCloud(stateFolder);
    if (running) return running;
    const previous = await recordOf(stateFolder);
    if (previous && isAlive(previous.pid)) await end(previous.pid);
    return await launch(folder, previous);
  } finally {
    await release();
  }
}

/** Stops it; true when one was running. */
export async function stopCloud(stateFolder: string): Promise<boolean> {
  const record = await recordOf(stateFolder);
  if (!record || !isAlive(record.pid) || !(await isCloudProcess(record.pid))) return false;
  await end(record.pid);
  return true;
}

async function launch(folder: string, previous: CloudRecord | undefined): Promise<CloudRecord> {
  const { caFile } = await ensureCertificates(join(folder, "ca"));
  // Addresses are in the state of stacks, so a restart keeps the ports.
  const port = process.env.LOCAL_CLOUD_PORT ?? String(previous?.port ?? 0);
  const blobPort = process.env.LOCAL_BLOB_PORT ?? String(previous?.blobPort ?? 0);
  await rm(join(folder, "endpoint.json"), { force: true });
  const errorFile = join(folder, "start.log");
  const errors = openSync(errorFile, "w", 0o600);
  const tsx = require.resolve("tsx/cli");
  const child = spawn(process.execPath, [tsx, join(__dirname, "main.ts"), folder, port, blobPort], {
    detached: true,
    stdio: ["ignore", errors, errors],
    env: { ...withoutAzure(process.env), NODE_EXTRA_CA_CERTS: caFile },
  });
  child.unref();
  let exited = false;
  child.once("exit", () => (exited = true));
  const deadline = Date.now() + startLimitMs;
  while (Date.now() < deadline) {
    const record = await recordOf(join(folder, ".."));
    if (record) return record;
    if (exited) break;
    await sleep(pollMs);
  }
  if (previous) await keepPorts(folder, previous);
  const reason = readFileSync(errorFile, "utf8").trim() || `no answer within ${startLimitMs / 1000} s`;
  throw new UserError(`The local cloud did not start: ${reason}\nIts log: ${join(folder, "emulator.log")}`);
}

/** A start that failed must not make the next one forget the addresses. */
async function keepPorts(folder: string, previous: CloudRecord): Promise<void> {
  const { default: writeFileAtomic } = await import("write-file-atomic");
  await writeFileAtomic(join(folder, "endpoint.json"), JSON.stringify({ ...previous, pid: 0 }), { mode: 0o600 });
}

async function recordOf(stateFolder: string): Promise<CloudRecord | undefined> {
  const text = await readFile(join(stateFolder, "cloud", "endpoint.json"), "utf8").catch(() => undefined);
  try {
    return text ? (JSON.parse(text) as CloudRecord) : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** After a restart of the machine the number may belong to another program; it must not be killed. */
async function isCloudProcess(pid: number): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => undefined);
  return command === undefined || command.includes("emulator");
}

async function end(pid: number): Promise<void> {
  if (!(await isCloudProcess(pid))) return;
  process.kill(pid, "SIGTERM");
  const deadline = Date.now() + stopLimitMs;
  while (isAlive(pid) && Date.now() < deadline) await sleep(pollMs);
  if (isAlive(pid)) process.kill(pid, "SIGKILL");
}

/** Asks with the CA given, since a process reads NODE_EXTRA_CA_CERTS only when it starts. */
async function answers({ url, caFile }: CloudRecord): Promise<boolean> {
  const ca = await readFile(caFile).catch(() => undefined);
  if (!ca) return false;
  return new Promise((resolve) => {
    const probe = request(`${url}/metadata/endpoints?api-version=2022-09-01`, { ca, timeout: 2_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    probe.on("error", () => resolve(false));
    probe.on("timeout", () => probe.destroy());
    probe.end();
  });
}
