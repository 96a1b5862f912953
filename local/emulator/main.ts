import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import pino from "pino";
import writeFileAtomic from "write-file-atomic";
import { UserError } from "../../lib/errors";
import { BlobProcess } from "./blobProcess";
import { codeRevision } from "./revision";
import { ensureCertificates } from "./tls";

/**
 * The process of the local cloud: `main.ts FOLDER PORT BLOB_PORT`. Writes FOLDER/endpoint.json when it answers, takes that away
 * when it is stopped, and says on the standard error stream why it cannot start.
 */
async function main(folder: string, port: number, blobPort: number): Promise<void> {
  // Keys and data of whoever runs the cloud are for nobody else of this machine.
  process.umask(0o077);
  const certificates = await ensureCertificates(join(folder, "ca"));
  const blobFolder = join(folder, "blobs");
  await mkdir(join(blobFolder, "content"), { recursive: true, mode: 0o700 });
  const { certificateFile, keyFile } = certificates;
  const blobProcess = new BlobProcess({ folder: blobFolder, port: blobPort, certificateFile, keyFile });
  const revision = await codeRevision();
  const { runCloud, services, openAdmin } = loadCloud(process.env.LOCAL_ADMIN === "1");
  const log = pino(
    { level: process.env.LOCAL_LOG_LEVEL ?? "info", base: null },
    pino.destination({ dest: join(folder, "emulator.log"), mkdir: true, mode: 0o600 }),
  );
  // A write that failed (on a full disk, say) was not answered as done; it must not end what else goes on.
  process.on("unhandledRejection", (error) => log.error({ err: error }, "unexpected failure"));
  // Beyond a limit on the size of files the system sends this signal, which would end the process; the write fails as well.
  process.on("SIGXFSZ", () => {});
  const endpoints = { folder, port, blobPort, certificates, blobProcess };
  const running = await runCloud({ ...endpoints, log, services, revision, openAdmin });
  const endpointFile = join(folder, "endpoint.json");
  await writeFileAtomic(endpointFile, JSON.stringify(running.record), { mode: 0o600 });
  log.info({ url: running.record.url, pid: process.pid }, "local cloud answers");
  let stopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      running
        .stop()
        .then(() => rm(endpointFile, { force: true }))
        .then(
          () => process.exit(0),
          () => process.exit(1),
        );
    });
  }
}

/** Loaded while the blob service loads in its own process, which is why these are no import statements. */
/* eslint-disable @typescript-eslint/no-require-imports */
function loadCloud(withAdmin: boolean) {
  const { runCloud } = require("./cloud") as typeof import("./cloud");
  const { mlflowService } = require("./mlflow") as typeof import("./mlflow");
  const { batchService } = require("./batch") as typeof import("./batch");
  const { jobsService } = require("./jobs") as typeof import("./jobs");
  const { servingService } = require("./serving") as typeof import("./serving");
  const { vaultService } = require("./services/vaultSecrets") as typeof import("./services/vaultSecrets");
  const { historyService } = require("./history") as typeof import("./history");
  const openAdmin = withAdmin ? (require("./admin") as typeof import("./admin")).openAdmin : undefined;
  return {
    runCloud,
    services: [mlflowService, jobsService, servingService, batchService, vaultService, historyService],
    openAdmin,
  };
}
/* eslint-enable @typescript-eslint/no-require-imports */

const [folder = "", port, blobPort] = process.argv.slice(2);
main(folder, Number(port), Number(blobPort)).catch((error: unknown) => {
  console.error(error instanceof UserError ? error.message : error);
  process.exit(1);
});
