import { existsSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import lockfile from "proper-lockfile";
import writeFileAtomic from "write-file-atomic";
import { z } from "zod";
import { UserError } from "../../lib/errors";
import { inviteLink } from "../../lib/labeling/api";
import { LabelStudioClient } from "../../lib/labeling/client";
import { typescriptOptions } from "../../lib/typescript";
import { keptPorts } from "../emulator/ports";
import { cloudEnvironment, withoutAzure, type CloudRecord } from "../environment";
import { endProcess, isRunning } from "../processes";
import { ensureCredentials, readCredentials } from "./credentials";
import { ensureLabelStudio, labelStudioVersion } from "./install";
import { answers, labelStudioProcess, labelStudioUrl } from "./labelStudio";
import { isTaken, launch } from "./serverProcess";

const gatewayLimitMs = 30_000;
/** What the command lines of the two processes have. */
const [studioWord, gatewayWord] = ["label-studio", "labelingGateway"];
const lockRetries = { retries: 2400, minTimeout: 250, maxTimeout: 250 };

const recordSchema = z.object({
  /** Process of Label Studio, and of the image gateway beside it. */
  pid: z.number(),
  gatewayPid: z.number(),
  port: z.number(),
  imagesPort: z.number(),
  startedAt: z.string(),
});

/** What was started last. As long as it is there, the local stack labels in Label Studio. */
export type LabelingRecord = z.output<typeof recordSchema>;

function places(root: string) {
  const folder = join(root, "labeling");
  const at = (name: string) => join(folder, name);
  return {
    folder,
    data: at("data"),
    record: at("service.json"),
    ports: at("ports.json"),
    credentials: at("credentials.json"),
    studioLog: at("label-studio.log"),
    gatewayLog: at("gateway.log"),
  };
}

export interface RunningLabeling {
  url: string;
  user: string;
  /** Whoever has it can sign up as a labeler. */
  labelersLink: string;
  credentialsFile: string;
}

/**
 * Starts Label Studio and the image gateway as background processes, or finds those that run, and switches the local stack to
 * them. Two that start at once get the same ones.
 * @throws UserError when it cannot be installed or does not come up: no Python, a taken port, a damaged installation
 */
export async function startLabeling(
  root: string,
  cloud: CloudRecord,
  onProgress: (line: string) => void,
  signal?: AbortSignal,
): Promise<RunningLabeling> {
  const place = places(root);
  await mkdir(place.data, { recursive: true, mode: 0o700 });
  const release = await lockfile.lock(place.folder, { retries: lockRetries, stale: 15_000 });
  try {
    const isNew = !existsSync(join(place.data, "label_studio.sqlite3"));
    if (!isNew && !(await readCredentials(place.credentials))) {
      throw new UserError(
        `${place.credentials} is not there or damaged, and Label Studio has been started with it before. Put it back, or run ` +
          '"npm run local:reset" to begin anew, which removes what was labeled.',
      );
    }
    const credentials = await ensureCredentials(place.credentials);
    const record = await readRecord(root);
    const ports = await keptPorts(place.ports, {
      port: "LOCAL_LABELING_PORT",
      imagesPort: "LOCAL_LABELING_IMAGES_PORT",
    });
    let pid = record && (await isRunning(record.pid, studioWord)) ? record.pid : undefined;
    if (pid && (record?.port !== ports.port || !(await answers(ports.port, credentials.token)))) {
      await endProcess(pid, studioWord);
      pid = undefined;
    }
    if (!pid) {
      await refuseTaken(ports.port, "LOCAL_LABELING_PORT");
      const installation = await ensureLabelStudio(process.env, onProgress);
      signal?.throwIfAborted();
      onProgress(`starting Label Studio ${labelStudioVersion}${isNew ? ", whose first start makes its database" : ""}`);
      const { program } = installation;
      const studio = labelStudioProcess({
        ...{ program, credentials, port: ports.port },
        ...{ dataFolder: place.data, logFile: place.studioLog },
      });
      pid = await launch(studio, signal).catch(async (error: unknown) => {
        // What Python says when files of the installation are gone.
        if (/ImportError|ModuleNotFoundError|No such file/.test(String(error))) await installation.discard();
        throw error;
      });
    }
    // It is a moment's work, and the local cloud may be another one than before.
    if (record) await endProcess(record.gatewayPid, gatewayWord);
    await writeRecord(place.record, { pid, gatewayPid: 0, ...ports, startedAt: new Date().toISOString() });
    await refuseTaken(ports.imagesPort, "LOCAL_LABELING_IMAGES_PORT");
    const gatewayPid = await launch(gatewayProcess(place.gatewayLog, ports, cloud, credentials.imageKeys), signal);
    await writeRecord(place.record, { pid, gatewayPid, ...ports, startedAt: new Date().toISOString() });
    const url = labelStudioUrl(ports.port);
    return {
      url,
      user: credentials.user,
      labelersLink: await inviteLink(new LabelStudioClient({ url, token: credentials.token })),
      credentialsFile: place.credentials,
    };
  } finally {
    await release();
  }
}

/** Stops both; true when one was running. The stack stays switched to Label Studio. */
export async function stopLabeling(root: string): Promise<boolean> {
  const record = await readRecord(root);
  if (!record) return false;
  const ended = [await endProcess(record.pid, studioWord), await endProcess(record.gatewayPid, gatewayWord)];
  return ended.includes(true);
}

/** Stops both, and switches the local stack back. What was labeled stays in the state folder. */
export async function switchOff(root: string): Promise<boolean> {
  const was = existsSync(places(root).record);
  await stopLabeling(root);
  await rm(places(root).record, { force: true });
  return was;
}

/** Files and folders that {@link startLabeling} makes. */
export function labelingFolder(root: string): { folder: string; isOurs: boolean } {
  const place = places(root);
  return { folder: place.folder, isOurs: existsSync(place.ports) || existsSync(place.credentials) };
}

/** A line about it for people; undefined where the stack does not use it. */
export async function labelingStatus(root: string): Promise<string | undefined> {
  const [record, credentials] = [await readRecord(root), await readCredentials(places(root).credentials)];
  if (!record) return undefined;
  const runs = await isRunning(record.pid, studioWord);
  const ready = runs && (await answers(record.port, credentials?.token ?? "").catch(() => false));
  const url = labelStudioUrl(record.port);
  if (ready) return `Label Studio answers at ${url} (process ${record.pid}, since ${record.startedAt})`;
  return runs
    ? `Label Studio at ${url} (process ${record.pid}) runs and does not answer`
    : `Label Studio is not running; "npm run local:labeling" starts it at ${url}`;
}

/** What points the program at it, where the local stack is switched to it. */
export async function labelingEnvironment(root: string): Promise<Record<string, string>> {
  const [record, credentials] = [await readRecord(root), await readCredentials(places(root).credentials)];
  if (!record || !credentials) return {};
  return {
    LABEL_STUDIO_URL: labelStudioUrl(record.port),
    LABEL_STUDIO_API_KEY: credentials.token,
    LABELING_IMAGES_URL: `http://127.0.0.1:${record.imagesPort}`,
    LABELING_IMAGES_KEYS: credentials.imageKeys,
  };
}

type Ports = Pick<LabelingRecord, "port" | "imagesPort">;

function gatewayProcess(logFile: string, { port, imagesPort }: Ports, cloud: CloudRecord, keys: string) {
  return {
    name: "The image gateway",
    command: process.execPath,
    args: [...typescriptOptions, join(__dirname, "../../services/labelingGateway/main.ts")],
    environment: {
      ...(withoutAzure(process.env) as Record<string, string>),
      ...cloudEnvironment(cloud),
      LABELING_IMAGES_HOST: "127.0.0.1",
      LABELING_IMAGES_PORT: String(imagesPort),
      LABELING_IMAGES_KEYS: keys,
      LABELING_IMAGES_ORIGINS: `${labelStudioUrl(port)},http://localhost:${port}`,
      LABELING_IMAGES_BLOB_ENDPOINT: `${cloud.blobUrl}/{account}`,
    },
    logFile,
    limitMs: gatewayLimitMs,
    isReady: async () => {
      const answer = await fetch(`http://127.0.0.1:${imagesPort}/health`).catch(() => undefined);
      return answer?.ok ?? false;
    },
  };
}

async function refuseTaken(port: number, variable: string): Promise<void> {
  if (!(await isTaken(port))) return;
  throw new UserError(
    `Port ${port} of the loopback is taken by another program. End that, or set ${variable} to a free port; it is kept from then on.`,
  );
}

async function readRecord(root: string): Promise<LabelingRecord | undefined> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(places(root).record, "utf8")));
  } catch {
    return undefined;
  }
}

async function writeRecord(file: string, record: LabelingRecord): Promise<void> {
  await writeFileAtomic(file, JSON.stringify(record), { mode: 0o600 });
}
