import { fork, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { BlobServiceClient, type ContainerClient } from "@azure/storage-blob";
import type { Logger } from "pino";
import { UserError } from "../../lib/errors";
import type { Store, Table } from "./contracts";
import type { AccountsMessage, BlobServiceArguments } from "./blobServiceMain";
import type { Identity } from "./identity";
import type { Certificates } from "./tls";

interface StorageAccount {
  key: string;
}

/** Azurite as a child process; starts again when it dies. */
export class BlobService {
  private child: ChildProcess | undefined;
  private stopping = false;

  private constructor(
    private readonly args: BlobServiceArguments,
    private readonly accounts: Table<StorageAccount>,
    private readonly identity: Identity,
    private readonly log: Logger,
    readonly url: string,
  ) {}

  static async start(
    folder: string,
    port: number,
    host: string,
    certificates: Certificates,
    store: Store,
    identity: Identity,
    log: Logger,
  ): Promise<BlobService> {
    await mkdir(join(folder, "content"), { recursive: true, mode: 0o700 });
    const { certificateFile, keyFile } = certificates;
    const service = new BlobService(
      { folder, port, certificateFile, keyFile },
      store.table("storageAccounts"),
      identity,
      log,
      `https://${host}:${port}`,
    );
    await service.launch();
    return service;
  }

  /** Makes an account known; its key is random and never leaves the cloud's own folder. */
  async addAccount(name: string): Promise<void> {
    if (this.accounts.get(name)) return;
    await this.accounts.put(name, { key: randomBytes(64).toString("base64") });
    await this.sendAccounts();
  }

  container(account: string, container: string): ContainerClient {
    const credential = {
      getToken: async () => {
        const { token, expiresOn } = this.identity.issue("https://storage.azure.com");
        return { token, expiresOnTimestamp: expiresOn * 1000 };
      },
    };
    return new BlobServiceClient(`${this.url}/${account}`, credential).getContainerClient(container);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    const { child } = this;
    if (!child || child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.disconnect();
    await ended;
  }

  private async launch(): Promise<void> {
    const child = fork(join(__dirname, "blobServiceMain.ts"), [JSON.stringify(this.args)], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      env: { ...process.env, AZURITE_ACCOUNTS: this.accountsText() },
    });
    this.child = child;
    const [message] = (await once(child, "message")) as [unknown];
    if (message !== "ready") {
      throw new UserError(
        `The blob service did not start on port ${this.args.port}: ${JSON.stringify(message)}. ` +
          'If another program has the port, end it or set LOCAL_BLOB_PORT; "npm run local:reset" forgets the port with all local state.',
      );
    }
    child.once("exit", (code, signal) => {
      if (this.stopping) return;
      this.log.warn({ code, signal }, "blob service ended; starting it again");
      this.launch().catch((error: unknown) => this.log.error({ error }, "blob service cannot start"));
    });
  }

  private async sendAccounts(): Promise<void> {
    const { child } = this;
    if (!child) return;
    const taken = once(child, "message");
    child.send({ accounts: this.accountsText() } satisfies AccountsMessage);
    await taken;
  }

  /** Azurite falls back to a well-known account when it is given none. */
  private accountsText(): string {
    const accounts = [...this.accounts.list()].map(({ key: name, value }) => `${name}:${value.key}`);
    return accounts.length > 0 ? accounts.join(";") : `none:${randomBytes(64).toString("base64")}`;
  }
}
