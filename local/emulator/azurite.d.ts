// Azurite ships no declarations for embedding; these are the parts in use, as of 3.35.
declare module "azurite/dist/src/blob/BlobConfiguration" {
  export default class BlobConfiguration {
    constructor(...args: unknown[]);
  }
}
declare module "azurite/dist/src/blob/BlobServer" {
  import type { Server } from "node:https";
  interface Loki {
    saveDatabase(done: (error?: Error | null) => void): void;
    persistenceAdapter: {
      saveDatabase(file: string, content: string, done: (error?: Error | null) => void): void;
    };
  }
  export default class BlobServer {
    constructor(configuration: unknown);
    httpServer: Server;
    accountDataStore: { refresh(): void };
    metadataStore: { db: Loki };
    extentMetadataStore: { db: Loki };
    extentStore: { appendExtent(data: unknown, contextId?: string): Promise<unknown> };
    start(): Promise<void>;
    close(): Promise<void>;
  }
}
