import type { BlobLeaseClient, BlockBlobClient, ContainerClient } from "@azure/storage-blob";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../errors";

/** A lease ends so long after its holder was killed, in seconds; the service takes 15 to 60. */
const leaseSeconds = 20;
const renewMs = 5_000;
const pollMs = 1_000;

export interface LockSettings {
  /** What is locked, for people. */
  what: string;
  /** How long to wait for another holder to end, in milliseconds. */
  waitMs: number;
  onWait?: (line: string) => void;
}

/** A lock among all machines, held as the lease of a blob, whose content its holders hand on. */
export class BlobLock {
  private renewedAt = Date.now();
  private lost: unknown;

  private constructor(
    private readonly blob: BlockBlobClient,
    private readonly lease: BlobLeaseClient,
    private readonly what: string,
  ) {}

  /**
   * Runs `work` while nobody else does.
   * @throws UserError when another holder does not end in time
   */
  static async holding<R>(
    container: ContainerClient,
    name: string,
    settings: LockSettings,
    work: (lock: BlobLock) => Promise<R>,
  ): Promise<R> {
    const blob = container.getBlockBlobClient(name);
    const lease = await acquire(blob, settings);
    const lock = new BlobLock(blob, lease, settings.what);
    const renewing = setInterval(() => void lock.renew(), renewMs);
    try {
      return await work(lock);
    } finally {
      clearInterval(renewing);
      // Otherwise it ends by itself.
      await lease.releaseLease().catch(() => undefined);
    }
  }

  /** @throws UserError when the lock may be another's by now, so that nothing more may be done under it */
  assertHeld(): void {
    if (this.lost === undefined && Date.now() - this.renewedAt < leaseSeconds * 1000) return;
    const why = this.lost instanceof Error ? ` (${this.lost.message.split("\n")[0]})` : "";
    throw new UserError(`The lock on ${this.what} was lost${why}. Run this again: it goes on from here.`);
  }

  /** What the last holder left; undefined when it left nothing. */
  async read<T>(): Promise<T | undefined> {
    const text = (await this.blob.downloadToBuffer()).toString("utf8");
    return text === "" ? undefined : (JSON.parse(text) as T);
  }

  /** Leaves something for the next holder, should this one be killed. */
  async write(value: unknown): Promise<void> {
    this.assertHeld();
    const text = value === undefined ? "" : JSON.stringify(value);
    await this.blob.upload(text, Buffer.byteLength(text), { conditions: { leaseId: this.lease.leaseId } });
  }

  private async renew(): Promise<void> {
    const asked = Date.now();
    try {
      await this.lease.renewLease();
      this.renewedAt = asked;
    } catch (error) {
      const { statusCode = 0 } = error as { statusCode?: number };
      if (statusCode >= 400 && statusCode < 500 && statusCode !== 408 && statusCode !== 429) this.lost = error;
    }
  }
}

async function acquire(blob: BlockBlobClient, { what, waitMs, onWait }: LockSettings): Promise<BlobLeaseClient> {
  const deadline = Date.now() + waitMs;
  for (let isFirst = true; ; isFirst = false) {
    const lease = blob.getBlobLeaseClient();
    try {
      await lease.acquireLease(leaseSeconds);
      return lease;
    } catch (error) {
      const { statusCode } = error as { statusCode?: number };
      if (statusCode === 404) {
        await makeEmpty(blob);
        continue;
      }
      if (statusCode !== 409) throw error;
    }
    if (Date.now() > deadline) {
      throw new UserError(
        `${what} is being worked on by another run, which did not end within ${Math.round(waitMs / 1000)} s. Wait for its end, and run this again.`,
      );
    }
    if (isFirst) onWait?.(`${what}: waiting for another run to end (one that was killed counts for ${leaseSeconds} s)`);
    await sleep(pollMs);
  }
}

async function makeEmpty(blob: BlockBlobClient): Promise<void> {
  await blob.upload("", 0, { conditions: { ifNoneMatch: "*" } }).catch((error: { statusCode?: number }) => {
    // Another run has made it, and may hold it.
    if (error.statusCode !== 409 && error.statusCode !== 412) throw error;
  });
}
