import { messageOf } from "../../lib/errors";
import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { open, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import BlobConfiguration from "azurite/dist/src/blob/BlobConfiguration";
import BlobServer from "azurite/dist/src/blob/BlobServer";
import { refusalOf, type BlobAuthority } from "./blobAccess";
import { FaultList, type FaultRule } from "./admin/faults";
import { interceptFaults } from "./admin/interception";

/**
 * The blob service of the local cloud: Azurite in a process of its own, over TLS, with tokens. It ends with its parent, a
 * killed one included, since the channel between them closes then.
 */
export interface BlobProcessArguments {
  folder: string;
  port: number;
  certificateFile: string;
  keyFile: string;
}

/** The first one opens the port. */
export interface BlobRequest extends BlobAuthority {
  request: number;
  /** `name:key;name:key`, as Azurite reads them from its environment. */
  accounts: string;
  /** Requests that are to go wrong. */
  faults: readonly FaultRule[];
}

/** The answer to a request, or word of a fault that has fired. */
export type BlobAnswer = { request: number; failed?: string } | { fired: string };

function createServer({ folder, port, certificateFile, keyFile }: BlobProcessArguments): BlobServer {
  return new BlobServer(
    new BlobConfiguration(
      "127.0.0.1",
      port,
      65, // seconds of keep-alive
      join(folder, "metadata.json"),
      join(folder, "extents.json"),
      [{ locationId: "Default", locationPath: join(folder, "content"), maxConcurrency: 50 }],
      false, // access log
      undefined,
      false, // debug log
      undefined,
      false, // loose
      true, // skip the check of api-versions: the SDK's are newer than Azurite's
      certificateFile,
      keyFile,
      undefined,
      "basic", // OAuth
      true, // no product-style URLs: accounts are the first segment of the path
    ),
  );
}

/**
 * Azurite keeps its index in memory and saves it every few seconds, so a kill loses what it has answered. Here each write
 * is answered after the index has been saved (to a temporary file that is renamed); writes that come while a save runs
 * share the next one.
 */
function saveBeforeAnswering(server: BlobServer): void {
  const indexes = [server.extentMetadataStore.db, server.metadataStore.db];
  for (const { persistenceAdapter } of indexes) {
    persistenceAdapter.saveDatabase = (file, content, done) => {
      saveLastingly(file, content).then(() => done(), done);
    };
  }
  const save = async () => {
    for (const index of indexes) {
      await new Promise<void>((resolve, reject) => index.saveDatabase((error) => (error ? reject(error) : resolve())));
    }
  };
  noteFullDisk(server);
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const saved = (): Promise<void> => {
    if (!running) return (running = save().finally(() => (running = undefined)));
    next ??= running
      .catch(() => {})
      .then(() => {
        next = undefined;
        return saved();
      });
    return next;
  };
  const [listener] = server.httpServer.listeners("request") as RequestListener[];
  server.httpServer.removeAllListeners("request");
  server.httpServer.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const { method = "", url = "", headers } = request;
    const refusal = method === "OPTIONS" ? undefined : refusalOf({ method, url, headers }, authority);
    if (refusal) {
      request.resume();
      return answerError(response, refusal);
    }
    const write = { isDiskFull: false };
    if (request.method !== "GET" && request.method !== "HEAD") {
      const end = response.end.bind(response) as (...args: unknown[]) => ServerResponse;
      response.end = ((...args: unknown[]) => {
        saved().then(
          () => (write.isDiskFull ? refuse(response, end) : end(...args)),
          () => (response.headersSent ? response.destroy() : refuse(response, end)),
        );
        return response;
      }) as typeof response.end;
    }
    writing.run(write, () => void listener?.(request, response));
  });
}

/** The request under way, and whether the disk did not take its content: Azurite calls that a failure of its own. */
const writing = new AsyncLocalStorage<{ isDiskFull: boolean }>();

function noteFullDisk({ extentStore }: BlobServer): void {
  const append = extentStore.appendExtent.bind(extentStore);
  extentStore.appendExtent = (data, contextId) =>
    append(data, contextId).catch((error: NodeJS.ErrnoException) => {
      const write = writing.getStore();
      if (write && (error.code === "ENOSPC" || error.code === "EFBIG")) write.isDiskFull = true;
      throw error;
    });
}

/** A power cut leaves the file as it was before or as it is after. Azurite's own saving does not wait for the disk. */
async function saveLastingly(file: string, content: string): Promise<void> {
  const temporary = `${file}~`;
  await writeFile(temporary, content, { mode: 0o600, flush: true });
  await rename(temporary, file);
  // The names in the folders: of this file, and of extents that are new.
  for (const folder of [dirname(file), join(dirname(file), "content")]) {
    const handle = await open(folder);
    await handle.sync().finally(() => handle.close());
  }
}

/** The disk is full: what was not saved is not acknowledged. */
function refuse(response: ServerResponse, end: (body: string) => void): void {
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  const message = "The disk of the local cloud is full; the write is not kept. Free some space and try again.";
  answerError(response, { status: 507, code: "InsufficientStorage", message }, end);
}

function answerError(
  response: ServerResponse,
  {
    status,
    code,
    message,
    headers = {},
  }: { status: number; code: string; message: string; headers?: Record<string, string> },
  end: (body: string) => void = (body) => response.end(body),
): void {
  const requestId = randomUUID();
  response.statusCode = status;
  for (const [name, value] of Object.entries({
    "content-type": "application/xml",
    "x-ms-error-code": code,
    "x-ms-request-id": requestId,
    ...headers,
  }))
    response.setHeader(name, value);
  const details = `RequestId:${requestId}\nTime:${new Date().toISOString()}`;
  end(
    `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}\n${details}</Message></Error>`,
  );
}

const server = createServer(JSON.parse(process.argv[2] ?? "{}") as BlobProcessArguments);
let started: Promise<void> | undefined;
let authority: BlobAuthority = { clock: [], checkingKey: "", grants: {} };
const faults = new FaultList();

function letFaultsHappen(): void {
  interceptFaults(
    server.httpServer,
    ({ method = "", url = "" }) => {
      const rule = faults.take("blobs", method, url);
      if (rule) process.send?.({ fired: rule.id } satisfies BlobAnswer);
      return rule?.fault;
    },
    (response, { status, code = "InjectedFault", message = "Made by the admin endpoint of the local cloud." }) =>
      answerError(response, { status, code, message }),
  );
}

async function take({ accounts, clock, checkingKey, grants, ...request }: BlobRequest): Promise<void> {
  authority = { clock, checkingKey, grants };
  faults.replace(request.faults);
  process.env.AZURITE_ACCOUNTS = accounts;
  started ??= server.start().then(() => {
    saveBeforeAnswering(server);
    letFaultsHappen();
  });
  await started;
  server.accountDataStore.refresh();
}

// The write beyond a limit on the size of files fails all the same, and is refused as on a full disk.
process.on("SIGXFSZ", () => {});
process.on("disconnect", () => process.exit(0));
process.on("message", (message: BlobRequest) => {
  const { request } = message;
  take(message).then(
    () => process.send?.({ request } satisfies BlobAnswer),
    (error: unknown) => {
      const failed = messageOf(error);
      process.send?.({ request, failed } satisfies BlobAnswer, undefined, undefined, () => process.exit(1));
    },
  );
});
