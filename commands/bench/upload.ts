import { execFile, spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { BlobServiceClient, ContainerSASPermissions } from "@azure/storage-blob";
import { projectFolder } from "../../local/state";
import { findAzcopy, runAzcopy } from "./azcopy";
import { benchInterruption } from "./interruption";
import type { Row } from "./rows";

const sets = [
  { files: 5000, bytes: 20 * 1024 },
  { files: 200, bytes: 5 * 1024 * 1024 },
];
/** Each uploads once a round, in turn, into an empty container of the same Azurite; the best time counts. */
const rounds = 3;
/** Smallest share of azcopy's rate. */
const limit = 0.9;

/** The well-known account of Azurite. */
const account = "devstoreaccount1";
const key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/** Times of `data:upload` beside azcopy's. */
export async function compareUploads(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "bench-upload-"));
  let azurite: ChildProcess | undefined;
  try {
    const azcopy = await findAzcopy();
    const started = await startAzurite(folder);
    azurite = started.child;
    const rows: Row[] = [];
    for (const set of sets) rows.push(...(await compare(set, started.endpoint, azcopy, folder)));
    if (!azcopy) rows.push({ what: "  azcopy (peer)", figure: "left out: neither azcopy nor Go is here", limit: "" });
    return rows;
  } finally {
    azurite?.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  }
}

async function compare(
  { files, bytes }: (typeof sets)[number],
  endpoint: string,
  azcopy: string | undefined,
  folder: string,
): Promise<Row[]> {
  const source = join(folder, `${files}`);
  await mkdir(source);
  for (let index = 0; index < files; index++) await writeFile(join(source, `${index}.jpg`), randomBytes(bytes));
  const times = { ours: [] as number[], again: [] as number[], azcopy: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    const ours = await sasUrl(endpoint, `ours-${files}-${round}`);
    times.ours.push(await timed(() => upload(source, ours)));
    times.again.push(await timed(() => upload(source, ours)));
    if (!azcopy) continue;
    const theirs = await sasUrl(endpoint, `azcopy-${files}-${round}`);
    times.azcopy.push(await timed(() => runAzcopy(azcopy, source, theirs, folder)));
  }
  await rm(source, { recursive: true });
  const what = `${files} x ${bytes / 1024} KB`;
  const [ours, again, peer] = [times.ours, times.again, times.azcopy].map((all) => Math.min(...all)) as [
    number,
    number,
    number,
  ];
  const rate = (ms: number) => `${(ms / 1000).toFixed(1)} s, ${Math.round((files * 1000) / ms)} files/s`;
  return [
    {
      what: `upload of ${what} to Azurite`,
      figure: azcopy ? `${rate(ours)} = ${(peer / ours).toFixed(2)} x the peer's rate` : rate(ours),
      limit: `${limit} x`,
    },
    ...(azcopy ? [{ what: "  the same with azcopy (peer)", figure: rate(peer), limit: "" }] : []),
    { what: "  again, nothing to send", figure: `${(again / 1000).toFixed(1)} s`, limit: "" },
  ];
}

async function upload(source: string, url: string): Promise<void> {
  const command = ["run", "-s", "data:upload", "--", "--dir", source, "--container-url", url];
  await promisify(execFile)("npm", command, { cwd: projectFolder });
}

async function timed(action: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await action();
  return performance.now() - started;
}

async function sasUrl(endpoint: string, name: string): Promise<string> {
  const connection = `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${key};BlobEndpoint=${endpoint}/${account}`;
  const container = BlobServiceClient.fromConnectionString(connection).getContainerClient(name);
  await container.create();
  const expiresOn = new Date(Date.now() + 24 * 3_600_000);
  return container.generateSasUrl({ permissions: ContainerSASPermissions.parse("racwdl"), expiresOn });
}

/** Azurite as it comes, on disk, on a free port. */
async function startAzurite(folder: string): Promise<{ child: ChildProcess; endpoint: string }> {
  const main = require.resolve("azurite/dist/src/blob/main.js");
  const location = join(folder, "azurite");
  const flags = ["--blobPort", "0", "--location", location, "--skipApiVersionCheck", "--disableTelemetry"];
  const child = spawn(process.execPath, [main, ...flags], {
    stdio: ["ignore", "pipe", "ignore"],
    signal: benchInterruption.signal,
  });
  const endpoint = new Promise<string>((resolve) => {
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text = text.slice(-1000) + chunk.toString("utf8");
      const found = /listens on (http:\/\/\S+)/.exec(text)?.[1];
      if (found) resolve(found);
    });
  });
  const ended = once(child, "exit").then(() => Promise.reject(new Error("Azurite did not start")));
  ended.catch(() => {});
  return { child, endpoint: await Promise.race([endpoint, ended]) };
}
