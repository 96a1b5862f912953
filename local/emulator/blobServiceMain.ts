import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { join } from "node:path";
import BlobConfiguration from "azurite/dist/src/blob/BlobConfiguration";
import BlobServer from "azurite/dist/src/blob/BlobServer";

/**
 * The blob service of the local cloud: Azurite in a process of its own, over TLS, with tokens. It ends with its parent, a
 * killed one included, since the channel between them closes then.
 */
export interface BlobServiceArguments {
  folder: string;
  port: number;
  certificateFile: string;
  keyFile: string;
}

/** `name:key;name:key`, as Azurite reads them from its environment. */
export interface AccountsMessage {
  accounts: string;
}

async function main({ folder, port, certificateFile, keyFile }: BlobServiceArguments): Promise<void> {
  process.on("disconnect", () => process.exit(0));
  const configuration = new BlobConfiguration(
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
  );
  const server = new BlobServer(configuration);
  await server.start();
  saveBeforeAnswering(server);
  process.on("message", ({ accounts }: AccountsMessage) => {
    process.env.AZURITE_ACCOUNTS = accounts;
    server.accountDataStore.refresh();
    process.send?.("accounts");
  });
  process.send?.("ready");
}

/**
 * Azurite keeps its index in memory and saves it every few seconds, so a kill loses what it has answered. Here each write
 * is answered after the index has been saved; writes that come while a save runs share the next one.
 */
function saveBeforeAnswering(server: BlobServer): void {
  const indexes = [server.extentMetadataStore.db, server.metadataStore.db];
  const save = async () => {
    for (const index of indexes) {
      await new Promise<void>((resolve, reject) => index.saveDatabase((error) => (error ? reject(error) : resolve())));
    }
  };
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
    if (request.method !== "GET" && request.method !== "HEAD") {
      const end = response.end.bind(response) as (...args: unknown[]) => ServerResponse;
      response.end = ((...args: unknown[]) => {
        saved().then(
          () => end(...args),
          () => response.destroy(),
        );
        return response;
      }) as typeof response.end;
    }
    void listener?.(request as never, response as never);
  });
}

main(JSON.parse(process.argv[2] ?? "{}") as BlobServiceArguments).catch((error: unknown) => {
  process.send?.({ failed: error instanceof Error ? error.message : String(error) });
  process.exit(1);
});
