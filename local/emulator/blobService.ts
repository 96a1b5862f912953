import { randomBytes } from "node:crypto";
import type { BlobSASSignatureValues, BlobServiceClient, ContainerClient } from "@azure/storage-blob";
import type { Logger } from "pino";
import { sdk } from "../../lib/azure/sdk";
import type { BlobProcess } from "./blobProcess";
import type { BlobRights, ContainerRights, Principal, Store, Table } from "./contracts";
import { service } from "./constants";
import type { Identity } from "./identity";
import type { BlobGrants } from "./rbac/blobGrants";
import type { LocalClock } from "./time/clock";

/** The newest form of signatures that Azurite checks; the SDK's own is newer. */
const signatureVersion = "2024-11-04";
const signedMs = 60 * 60 * 1000;

interface StorageAccount {
  key: string;
}

/** The blob service as the other parts of the cloud see it: its accounts, and clients with the cloud's own rights. */
export class BlobService {
  private constructor(
    private readonly process: BlobProcess,
    private readonly accounts: Table<StorageAccount>,
    private readonly clientOf: (account: string, principal: Principal) => BlobServiceClient,
  ) {}

  /** @param process loaded, but not serving yet */
  static async start(
    process: BlobProcess,
    url: string,
    store: Store,
    identity: Identity,
    grants: BlobGrants,
    clock: LocalClock,
    log: Logger,
  ): Promise<BlobService> {
    const accounts = store.table<StorageAccount>("storageAccounts");
    const { checkingKey } = identity;
    const settings = { accounts: accountsText(accounts), clock: clock.lines, checkingKey, grants };
    const served = process.serve(settings, (reason) => log.warn(reason, "blob service ended; starting it again"));
    clock.onChange((lines) => process.change({ clock: lines }));
    // Loading this takes as long as the service takes to start, so it is no import statement.
    const { BlobServiceClient } = sdk.blobs;
    await served;
    const credentialOf = (principal: Principal) => ({
      getToken: async () => {
        const { token, expiresOn } = identity.issue("https://storage.azure.com", principal);
        return { token, expiresOnTimestamp: expiresOn * 1000 };
      },
    });
    return new BlobService(
      process,
      accounts,
      (account, principal) => new BlobServiceClient(`${url}/${account}`, credentialOf(principal)),
    );
  }

  /** Makes an account known; its key is random and never leaves the cloud's own folder. */
  async addAccount(name: string): Promise<void> {
    if (this.accounts.get(name)) return;
    await this.accounts.put(name, { key: randomBytes(64).toString("base64") });
    await this.process.change({ accounts: accountsText(this.accounts) });
  }

  /** Makes known who may do what; resolves when requests are checked by it. */
  setGrants(grants: BlobGrants): Promise<void> {
    return this.process.change({ grants });
  }

  /** Removes an account with all that it holds. */
  async removeAccount(name: string): Promise<void> {
    if (!this.accounts.get(name)) return;
    const client = this.clientOf(name, service);
    for await (const { name: container } of client.listContainers()) {
      await client.getContainerClient(container).deleteIfExists();
    }
    await this.accounts.remove(name);
    await this.process.change({ accounts: accountsText(this.accounts) });
  }

  async containerNames(account: string): Promise<string[]> {
    const names: string[] = [];
    for await (const { name } of this.clientOf(account, service).listContainers()) names.push(name);
    return names;
  }

  container(account: string, container: string, principal: Principal = service): ContainerClient {
    return this.clientOf(account, principal).getContainerClient(container);
  }

  /** An address of a blob for an hour, signed by the cloud's own identity: account keys sign nothing here. */
  signedUrl(account: string, container: string, blob: string, rights: BlobRights): Promise<string> {
    const permissions = sdk.blobs.BlobSASPermissions.parse(rights === "r" ? "r" : "rcw");
    const { url } = this.container(account, container).getBlobClient(blob);
    return this.signed(account, url, { containerName: container, blobName: blob, permissions });
  }

  /** The same of a container with all that is in it. */
  signedContainerUrl(account: string, container: string, rights: ContainerRights): Promise<string> {
    const permissions = sdk.blobs.ContainerSASPermissions.parse(rights);
    const { url } = this.container(account, container);
    return this.signed(account, url, { containerName: container, permissions });
  }

  private async signed(
    account: string,
    url: string,
    values: Pick<BlobSASSignatureValues, "containerName" | "blobName" | "permissions">,
  ): Promise<string> {
    const { generateBlobSASQueryParameters, SASProtocol } = sdk.blobs;
    // From now on and no earlier: a clock that has just been moved on would take it for one of before.
    const [startsOn, expiresOn] = [new Date(), new Date(Date.now() + signedMs)];
    const key = await this.clientOf(account, service).getUserDelegationKey(startsOn, expiresOn);
    const protocol = SASProtocol.Https;
    const all = { ...values, protocol, startsOn, expiresOn, version: signatureVersion };
    return `${url}?${generateBlobSASQueryParameters(all, key, account).toString()}`;
  }

  stop(): Promise<void> {
    return this.process.stop();
  }
}

/** Accounts as Azurite reads them. It falls back to a well-known account, whose key is public, when it is given none. */
function accountsText(accounts: Table<StorageAccount>): string {
  const known = [...accounts.list()].map(({ key: name, value }) => `${name}:${value.key}`);
  return known.length > 0 ? known.join(";") : `none:${randomBytes(64).toString("base64")}`;
}
