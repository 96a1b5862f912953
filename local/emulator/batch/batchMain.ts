import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { ContainerClient } from "@azure/storage-blob";
import { ArmClient } from "../../../lib/azure/arm";
import { openContainer } from "../../../lib/azure/blobs";
import { openRunArtifacts } from "../../../lib/azure/datastores";
import { messageOf } from "../../../lib/errors";
import { loadDetector, type Detector } from "../../trainer";
import { uploadLog } from "../jobs/artifacts";
import type { BatchMessage, BatchOrder, OrderedPlace } from "./messages";

/** The process of one batch: scores the files of a folder in mini-batches, and writes a row for each. It ends with the cloud. */
process.on("disconnect", () => process.exit(1));

const say = (message: BatchMessage) => void process.send?.(message);

async function run(order: BatchOrder): Promise<{ files: number; failed: number }> {
  const arm = await ArmClient.connect();
  const log = [`Batch ${order.jobName}`];
  try {
    return await score(order, arm, log);
  } catch (error) {
    log.push(messageOf(error));
    throw error;
  } finally {
    await openRunArtifacts(arm, order.workspaceId, order.jobName)
      .then(({ container, prefix }) => uploadLog(container, prefix, log))
      // The reason is told by other ways as well.
      .catch(() => {});
  }
}

async function score(order: BatchOrder, arm: ArmClient, log: string[]): Promise<{ files: number; failed: number }> {
  const open = ({ storageAccountId, container }: OrderedPlace) => openContainer(arm, storageAccountId, container);
  const input = await open(order.input);
  const files = await filesOf(input, order.input);
  if (files.length === 0) throw new Error(`The input has no files at '${order.input.path}'.`);
  const detector = await loadDetector(await readFile(order.modelFile));
  const rows = new Map<string, string>();
  const batches = chunks(files, order.miniBatchSize).values();
  const worker = async () => {
    for (const batch of batches)
      for (const [file, row] of await miniBatch(batch, input, detector, order, log)) rows.set(file, row);
  };
  await Promise.all(Array.from({ length: order.concurrency }, worker));
  const failed = files.length - rows.size;
  log.push(
    `${rows.size} of ${files.length} files scored in ${Math.ceil(files.length / order.miniBatchSize)} mini-batches`,
  );
  if (order.errorThreshold >= 0 && failed > order.errorThreshold)
    throw new Error(
      `${failed} of ${files.length} files failed, which is above the error threshold of ${order.errorThreshold}.`,
    );
  const { path, fileName } = order.output;
  if (fileName !== undefined) {
    const text = files.flatMap((file) => rows.get(file) ?? []).map((row) => `${row}\n`);
    const blob = (await open(order.output)).getBlockBlobClient(`${path.replace(/\/?$/, "/")}${fileName}`);
    await blob.uploadData(Buffer.from(text.join("")));
  }
  return { files: files.length, failed };
}

async function filesOf(container: ContainerClient, { path, isFolder }: BatchOrder["input"]): Promise<string[]> {
  if (!isFolder) return [path];
  const files: string[] = [];
  for await (const { name } of container.listBlobsFlat({ prefix: path === "" ? path : path.replace(/\/?$/, "/") }))
    files.push(name);
  return files.sort();
}

/** The rows of a mini-batch, by file; what cannot be read as a picture has none. Tried again when it could not be fetched in time. */
async function miniBatch(
  files: readonly string[],
  container: ContainerClient,
  detector: Detector,
  { boxScoreThreshold, nmsIouThreshold, maxRetries, timeoutMs }: BatchOrder,
  log: string[],
): Promise<Map<string, string>> {
  for (let attempt = 0; ; attempt++) {
    try {
      const abortSignal = AbortSignal.timeout(timeoutMs);
      const rows = new Map<string, string>();
      for (const file of files) {
        const picture = await container.getBlobClient(file).downloadToBuffer(0, undefined, { abortSignal });
        try {
          const detections = await detector.detect(picture, { boxScoreThreshold, nmsIouThreshold });
          const boxes = detections.map(({ label, score, ...box }) => ({ box, label, score }));
          rows.set(file, JSON.stringify({ filename: basename(file), boxes }));
        } catch (error) {
          log.push(`${file}: ${messageOf(error)}`);
        }
      }
      return rows;
    } catch (error) {
      const { statusCode } = error as { statusCode?: number };
      if (statusCode === 403)
        throw new Error(`The input cannot be read: the identity of the compute has no role on its storage account.`, {
          cause: error,
        });
      log.push(`Mini-batch from ${files[0]} on, attempt ${attempt + 1}: ${messageOf(error)}`);
      if (attempt >= maxRetries) return new Map();
    }
  }
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

process.once("message", (order) => {
  run(order as BatchOrder)
    .then((done) => say({ done }))
    .catch((error: unknown) => say({ failed: messageOf(error) }))
    .finally(() => process.disconnect());
});
