import { join } from "node:path";
import pino from "pino";
import writeFileAtomic from "write-file-atomic";
import { UserError } from "../../lib/errors";
import { runCloud } from "./cloud";
import { jobsService } from "./jobs";
import { mlflowService } from "./mlflow";
import { servingService } from "./serving";

/** The process of the local cloud: `main.ts FOLDER PORT BLOB_PORT`. Writes FOLDER/endpoint.json when it answers. */
async function main(folder: string, port: string, blobPort: string): Promise<void> {
  const log = pino(
    { level: process.env.LOCAL_LOG_LEVEL ?? "info", base: null },
    pino.destination({ dest: join(folder, "emulator.log"), mkdir: true, mode: 0o600 }),
  );
  const running = await runCloud({
    folder,
    port: Number(port),
    blobPort: Number(blobPort),
    log,
    services: [mlflowService, jobsService, servingService],
  });
  await writeFileAtomic(join(folder, "endpoint.json"), JSON.stringify(running.record), { mode: 0o600 });
  log.info({ url: running.record.url, pid: process.pid }, "local cloud answers");
  let stopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      running.stop().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
}

const [folder = "", port = "0", blobPort = "0"] = process.argv.slice(2);
main(folder, port, blobPort).catch((error: unknown) => {
  // The parent shows what is written here.
  console.error(error instanceof UserError ? error.message : error);
  process.exit(1);
});
