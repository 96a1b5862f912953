import type { BlobItem, ContainerClient, ContainerListBlobFlatSegmentResponse } from "@azure/storage-blob";
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { AdaptiveLimit } from "./adaptiveLimit";
import { forUpload } from "./client";
import { contentTypeOf } from "./contentTypes";
import { busyOf, isMissingRight, isPassing } from "./failures";

export interface WriterSettings {
  /** Requests at once, at most. */
  concurrency: number;
  /** How long to go on while the service refuses everything, in milliseconds. */
  patienceMs: number;
  /** How long a role assignment may take to reach the storage service before a refusal is believed, in milliseconds. */
  rightsMs: number;
}

/** Tries of one request that fails for another reason than load. */
const mostTries = 8;
const longestPauseMs = 10_000;
/** A request that takes longer is given up and sent again: this, and its bytes at {@link slowestRate}. */
const requestMs = 120_000;
const slowestRate = 100_000; // bytes a second

/** Sends requests to one container, as many at once as the service bears, each until it succeeds or never will. */
export class BlobWriter {
  readonly limit: AdaptiveLimit;
  private readonly container: ContainerClient;
  private readonly opened = Date.now();
  private stopped: { reason: unknown } | undefined;

  constructor(
    container: ContainerClient,
    private readonly settings: WriterSettings,
  ) {
    this.container = forUpload(container);
    this.limit = new AdaptiveLimit(settings.concurrency);
  }

  /** Makes all requests that wait for another try fail with `reason`. */
  stop(reason: unknown): void {
    this.stopped ??= { reason };
  }

  /** Writes a blob in one request, which the service takes as a whole or not at all. */
  async put(name: string, body: Buffer, md5: Buffer, metadata?: Record<string, string>): Promise<void> {
    await this.persist(body.length, async (abortSignal) => {
      const blobHTTPHeaders = { blobContentMD5: md5, blobContentType: contentTypeOf(name) };
      const answer = await this.container
        .getBlockBlobClient(name)
        .upload(body, body.length, { blobHTTPHeaders, metadata, abortSignal });
      if (answer.contentMD5 && !md5.equals(answer.contentMD5)) {
        throw new Error(`The service has another MD5 of ${name} than was sent.`);
      }
    });
  }

  /** Puts a part of a blob where it does not count until {@link commit}. */
  async stage(name: string, id: string, body: Buffer): Promise<void> {
    const transactionalContentMD5 = createHash("md5").update(body).digest();
    await this.persist(body.length, async (abortSignal) => {
      await this.container
        .getBlockBlobClient(name)
        .stageBlock(id, body, body.length, { transactionalContentMD5, abortSignal });
    });
  }

  /** Ids of the parts of a blob that an upload before this one left behind. */
  async staged(name: string): Promise<Set<string>> {
    try {
      const blocks = await this.persist(0, (abortSignal) =>
        this.container.getBlockBlobClient(name).getBlockList("uncommitted", { abortSignal }),
      );
      return new Set(blocks.uncommittedBlocks?.map((block) => block.name));
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode === 404) return new Set();
      throw error;
    }
  }

  /** Makes a blob of its parts. */
  async commit(name: string, ids: string[], md5: Buffer): Promise<void> {
    const blobHTTPHeaders = { blobContentMD5: md5, blobContentType: contentTypeOf(name) };
    await this.persist(0, (abortSignal) =>
      this.container.getBlockBlobClient(name).commitBlockList(ids, { blobHTTPHeaders, abortSignal }),
    );
  }

  async remove(name: string): Promise<void> {
    await this.persist(0, (abortSignal) =>
      this.container.getBlobClient(name).deleteIfExists({ deleteSnapshots: "include", abortSignal }),
    );
  }

  async makeContainer(): Promise<void> {
    await this.persist(0, (abortSignal) => this.container.createIfNotExists({ abortSignal }));
  }

  /** A page of blobs. @param continuationToken of the page before */
  async list(prefix: string, continuationToken?: string): Promise<{ blobs: BlobItem[]; next?: string }> {
    return this.persist(0, async (abortSignal) => {
      const pages = this.container
        .listBlobsFlat({ prefix, includeMetadata: true, abortSignal })
        .byPage({ continuationToken, maxPageSize: 2000 });
      const { value } = (await pages.next()) as IteratorYieldResult<ContainerListBlobFlatSegmentResponse>;
      return { blobs: value.segment.blobItems, next: value.continuationToken || undefined };
    });
  }

  private async persist<Result>(bytes: number, request: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const timeoutMs = requestMs + Math.ceil((1000 * bytes) / slowestRate);
    const begun = Date.now();
    for (let tries = 1; ; tries++) {
      if (this.stopped) throw this.stopped.reason;
      try {
        return await this.limit.run(() => within(timeoutMs, request), busyOf);
      } catch (error) {
        if (!this.canTryAgain(error, tries, begun)) throw error;
        // Spread, so that requests that failed together do not come back together.
        await sleep(Math.min(longestPauseMs, 100 * 2 ** tries) * (0.5 + Math.random() / 2));
      }
    }
  }

  private canTryAgain(error: unknown, tries: number, begun: number): boolean {
    if (isMissingRight(error)) return Date.now() - this.opened < this.settings.rightsMs;
    if (busyOf(error)) return Date.now() - Math.max(begun, this.limit.lastSuccess) < this.settings.patienceMs;
    return isPassing(error) && tries < mostTries;
  }
}

/** Unlike those of AbortSignal.timeout, the timers of requests that have ended do not pile up. */
async function within<Result>(limitMs: number, request: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), limitMs);
  try {
    return await request(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}
