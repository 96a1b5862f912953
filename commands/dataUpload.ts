import { explainFailure, openTarget, uploadFolder } from "../lib/azure/upload";
import { UserError } from "../lib/errors";
import { progress, showWarning } from "../lib/terminal";
import { parseCommandLine } from "./options";
import { runCommand } from "./runCommand";

const help = `Uploads a folder to a blob container: sends what is missing or differs by MD5, and nothing else.

  npm run -s data:upload -- --dir DIR --container-url URL [--prefix P]
  npm run -s data:upload -- --dir DIR --connection-string CS [--container NAME] --prefix P

  --container-url URL     https://ACCOUNT.blob.core.windows.net/CONTAINER. With a SAS in it, that is used; else Entra ID:
                          whoever DefaultAzureCredential finds (az login, workload identity, managed identity, ...).
  --connection-string CS  of the account; UseDevelopmentStorage=true is Azurite on its usual port.
  --container NAME        with --connection-string. Without it, the first part of the prefix is the container:
                          --prefix images/train is folder train of container images.
  --prefix P              folder in the container. @default the container itself
  --concurrency N         requests at once, 1 to 512; fewer while the service is busy. @default 64
  --remove-extra          remove blobs below the prefix that have no local file, once all files are there

The container is made when it is not there. Links are followed; one that leads back to a folder above it is left out with a
warning. Files that begin with a dot are uploaded; .DS_Store, Thumbs.db, desktop.ini, sockets and devices are not. Run it
again after an interruption: only what is missing is sent. A file that changes meanwhile is an error, once the others are
there. The last line on stdout: "FILES files, BYTES bytes, SKIPPED skipped, SENT sent (BYTES bytes) in SECONDS s".`;

const options = {
  dir: { type: "string" },
  "container-url": { type: "string" },
  "connection-string": { type: "string" },
  container: { type: "string" },
  prefix: { type: "string", default: "" },
  concurrency: { type: "string", default: "64" },
  "remove-extra": { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

const mostConcurrency = 512;

async function main(): Promise<void> {
  const started = Date.now();
  const { values } = parseCommandLine({ options });
  if (values.help) return console.log(help);
  if (!values.dir) throw new UserError("--dir is missing. Give the folder to upload; --help tells the rest.");
  const concurrency = Number(values.concurrency);
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > mostConcurrency) {
    throw new UserError(
      `--concurrency is "${values.concurrency}"; allowed is a whole number from 1 to ${mostConcurrency}.`,
    );
  }
  const target = openTarget({
    containerUrl: values["container-url"],
    connectionString: values["connection-string"],
    container: values.container,
    prefix: values.prefix,
  });
  const bar = progress(`uploading ${values.dir}`);
  const { files, bytes, skipped, sentBytes, removed } = await uploadFolder({
    ...target,
    folder: values.dir,
    property: "--dir",
    concurrency,
    removeExtra: values["remove-extra"],
    onProgress: ({ files, totalFiles, bytes, totalBytes }) => {
      const rate = bytes / Math.max(1, Date.now() - started) / 1000;
      bar.report(
        files,
        totalFiles,
        `${(bytes / 1e6).toFixed(1)} of ${(totalBytes / 1e6).toFixed(1)} MB, ${rate.toFixed(1)} MB/s`,
      );
    },
    onWarning: showWarning,
  })
    .catch((error: unknown) => {
      throw explainFailure(error, target.container);
    })
    .finally(() => bar.end());
  if (values["remove-extra"]) console.log(`${removed} blobs removed`);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(
    `${files} files, ${bytes} bytes, ${skipped} skipped, ${files - skipped} sent (${sentBytes} bytes) in ${seconds} s`,
  );
}

runCommand(main);
