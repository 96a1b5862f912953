import type { FileHandle } from "node:fs/promises";
import { rm } from "node:fs/promises";
import { UserError } from "../errors";
import { retryAfterMs } from "../retryAfter";
import { recordFile, writeRecord, type PartRecord } from "./record";
import { requireRoom } from "./room";

interface AttemptSettings {
  url: string;
  part: FileHandle;
  file: string;
  /** Bytes of the part that can be taken up. */
  have: number;
  record: PartRecord | undefined;
  stallMs: number;
  onProgress: (done: number, total: number | undefined) => void;
}

export type Attempt =
  | { kind: "complete" }
  /** Another try would end the same. */
  | { kind: "refused"; status: number }
  /** Cut short after so many bytes of the file. `retryAfterMs` is given when the server said that it is busy. */
  | { kind: "broken"; reached: number; why: string; retryAfterMs?: number };

const busyStatus = new Set([408, 429, 500, 502, 503, 504]);

const writeBehindBytes = 8 * 1024 * 1024;

/** One request for what is missing of a file. */
export async function attempt(settings: AttemptSettings): Promise<Attempt> {
  const { url, part, file, have, record, stallMs, onProgress } = settings;
  if (record?.total === have && have > 0) return { kind: "complete" };
  const stall = new StallTimer(stallMs);
  let reached = 0;
  try {
    const range = have > 0 && record ? { range: `bytes=${have}-`, "if-range": record.validator } : undefined;
    const answer = await fetch(url, { headers: { "accept-encoding": "identity", ...range }, signal: stall.signal });
    if (busyStatus.has(answer.status)) {
      await answer.body?.cancel();
      const asked = retryAfterMs((name) => answer.headers.get(name)) ?? 0;
      return { kind: "broken", reached, why: `it answered ${answer.status}`, retryAfterMs: asked };
    }
    if (answer.status === 416 || (answer.status === 206 && !continues(answer, have, record))) {
      await answer.body?.cancel();
      await forget(part, file);
      return { kind: "broken", reached, why: "it answered with another part than was asked for" };
    }
    if (answer.status !== 200 && answer.status !== 206) {
      await answer.body?.cancel();
      return { kind: "refused", status: answer.status };
    }
    const start = answer.status === 206 ? have : 0;
    reached = start;
    const length = Number(answer.headers.get("content-length") ?? NaN);
    const total = Number.isNaN(length) ? record?.total : start + length;
    const prepare = async () => {
      if (start === 0) {
        await part.truncate(0);
        await writeRecord(file, { url, validator: validatorOf(answer), total });
      }
      if (total !== undefined) await requireRoom(file, total - start);
    };
    const writer = new PartWriter(part, start, prepare());
    try {
      const reader = (answer.body as ReadableStream<Uint8Array> | null)?.getReader();
      for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
        stall.restart();
        reached += next.value.length;
        await writer.write(next.value);
        onProgress(reached, total);
      }
    } finally {
      await writer.end();
    }
    if (total === undefined || reached === total) return { kind: "complete" };
    return { kind: "broken", reached, why: `${reached} of ${total} bytes came` };
  } catch (error) {
    if (error instanceof UserError) throw error;
    if ((error as NodeJS.ErrnoException).code === "ENOSPC") {
      throw new UserError(`The disk of ${file} is full. Free some space, and run the same command again to go on.`);
    }
    return { kind: "broken", reached, why: stall.signal.aborted ? "nothing came for long" : reasonOf(error) };
  } finally {
    stall.stop();
  }
}

/** Whether an answer with a part begins where ours ends, and is of the same file. */
function continues(answer: Response, have: number, record: PartRecord | undefined): boolean {
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.headers.get("content-range") ?? "") ?? [];
  const sameSize = total === "*" || record?.total === undefined || Number(total) === record.total;
  const validator = validatorOf(answer);
  return Number(start) === have && sameSize && (validator === "" || validator === record?.validator);
}

function validatorOf({ headers }: Response): string {
  const etag = headers.get("etag") ?? "";
  // A weak one promises no equal bytes.
  return etag !== "" && !etag.startsWith("W/") ? etag : (headers.get("last-modified") ?? "");
}

async function forget(part: FileHandle, file: string): Promise<void> {
  await part.truncate(0);
  await rm(recordFile(file), { force: true });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/** Written behind, so that what has come is never waited for: a connection that breaks takes with it what nobody has read. */
class PartWriter {
  private waiting = 0;

  constructor(
    private readonly part: FileHandle,
    private position: number,
    /** First when the part is ready for it, then each write after the one before. */
    private writing: Promise<void>,
  ) {
    writing.catch(() => {});
  }

  async write(chunk: Uint8Array): Promise<void> {
    // At its place, so that a second download of the same file writes the same bytes.
    const at = this.position;
    this.position += chunk.length;
    this.waiting += chunk.length;
    this.writing = this.writing.then(async () => {
      await this.part.write(chunk, 0, chunk.length, at);
      this.waiting -= chunk.length;
    });
    if (this.waiting > writeBehindBytes) await this.writing;
    else this.writing.catch(() => {});
  }

  async end(): Promise<void> {
    await this.writing;
  }
}

/** Aborts a request that brings nothing for a while. */
class StallTimer {
  private readonly controller = new AbortController();
  private timer: NodeJS.Timeout;

  constructor(private readonly limitMs: number) {
    this.timer = this.arm();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  restart(): void {
    clearTimeout(this.timer);
    this.timer = this.arm();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private arm(): NodeJS.Timeout {
    return setTimeout(() => this.controller.abort(), this.limitMs);
  }
}
