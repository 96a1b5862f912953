import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../lib/errors";
import { typescriptOptions } from "../../lib/typescript";
import { withoutAzure, type CloudRecord } from "../environment";
import { lockPath } from "../lock";
import { endProcess, isAlive } from "../processes";
import { keptPorts } from "./ports";
import { codeRevision } from "./revision";
import { ensureCertificates } from "./tls";

const startLimitMs = 30_000;
const pollMs = 50;
const startLock = { staleMs: 15_000, limitMs: 60_000 };
const probes = 3;
/** What the command line of the cloud's process has. */
const processWord = "emulator";

/** The cloud of a state folder, when it runs and answers. */
export async function runningCloud(stateFolder: string): Promise<CloudRecord | undefined> {
  const record = await recordOf(stateFolder);
  // A machine under load may let one request wait too long.
  for (let attempt = 0; record && attempt < probes && isAlive(record.pid); attempt++)
    if (await answers(record)) return record;
  return undefined;
}

/**
 * Starts the local cloud as a background process, or finds the one that runs with the code of now. Two that start at once get the same one.
 * @param admin whether it must have the admin endpoint; one that has it serves those as well who do not ask for it
 * @throws UserError when it does not come up: a taken port, damaged certificates, a full disk
 */
export async function startCloud(
  stateFolder: string,
  signal?: AbortSignal,
  admin = process.env.LOCAL_ADMIN === "1",
): Promise<CloudRecord> {
  const folder = join(stateFolder, "cloud");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const release = await lockPath(folder, { ...startLock, signal });
  try {
    signal?.throwIfAborted();
    const running = await runningCloud(stateFolder);
    // After an update of this project the process would go on with the old code.
    const serves = running?.revision === (await codeRevision()) && (running.admin || !admin);
    if (running && serves) return running;
    const previous = await recordOf(stateFolder);
    if (previous) await endProcess(previous.pid, processWord);
    return await launch(folder, admin, signal);
  } finally {
    await release();
  }
}

/** Whether it has ended and nobody has stopped it: killed, or out of memory. */
export async function hasCrashed(stateFolder: string): Promise<boolean> {
  const record = await recordOf(stateFolder);
  return record !== undefined && !isAlive(record.pid);
}

/** Stops it, also one that is just being started; true when one was running. */
export async function stopCloud(stateFolder: string): Promise<boolean> {
  if (!existsSync(stateFolder)) return false;
  const release = await lockPath(join(stateFolder, "cloud"), startLock);
  try {
    const record = await recordOf(stateFolder);
    return record !== undefined && (await endProcess(record.pid, processWord));
  } finally {
    await release();
  }
}

async function launch(folder: string, admin: boolean, signal: AbortSignal | undefined): Promise<CloudRecord> {
  const { caFile } = await ensureCertificates(join(folder, "ca"));
  const { port, blobPort } = await keptPorts(join(folder, "ports.json"), {
    port: "LOCAL_CLOUD_PORT",
    blobPort: "LOCAL_BLOB_PORT",
  });
  await rm(join(folder, "endpoint.json"), { force: true });
  const errorFile = join(folder, "start.log");
  const errors = openSync(errorFile, "w", 0o600);
  const child = spawn(
    process.execPath,
    [...typescriptOptions, join(__dirname, "main.ts"), folder, String(port), String(blobPort)],
    {
      detached: true,
      stdio: ["ignore", errors, errors],
      env: { ...withoutAzure(process.env), NODE_EXTRA_CA_CERTS: caFile, LOCAL_ADMIN: admin ? "1" : "" },
    },
  );
  closeSync(errors);
  child.unref();
  let ended: string | undefined;
  child.once("exit", (code, by) => (ended = `it ended with ${by ?? `status ${code}`}`));
  const deadline = Date.now() + startLimitMs;
  while (Date.now() < deadline) {
    const record = await recordOf(join(folder, ".."));
    if (record) return record;
    if (ended !== undefined || signal?.aborted) break;
    await sleep(pollMs);
  }
  if (ended === undefined) child.kill("SIGKILL");
  signal?.throwIfAborted();
  const reason = readFileSync(errorFile, "utf8").trim() || ended || `no answer within ${startLimitMs / 1000} s`;
  throw new UserError(`The local cloud did not start: ${reason}\nIts log: ${join(folder, "emulator.log")}`);
}

/** A file that is not there or damaged holds nothing. */
async function recordOf(stateFolder: string): Promise<CloudRecord | undefined> {
  try {
    return JSON.parse(await readFile(join(stateFolder, "cloud", "endpoint.json"), "utf8")) as CloudRecord;
  } catch {
    return undefined;
  }
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
