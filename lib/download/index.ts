import { appendFile, open, rename, rm, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../errors";
import { attempt } from "./attempt";
import { readRecord, recordFile, type PartRecord } from "./record";

export interface Download {
  url: string;
  /** Where it goes; what is there already counts as complete. The part that is there so far is `FILE.part`. */
  file: string;
  /** Bytes so far and in all; the latter undefined when the server does not tell. */
  onProgress?: (done: number, total: number | undefined) => void;
  /** How long a connection may bring nothing before it is given up, in milliseconds. @default 60000 */
  stallMs?: number;
  /** How long a server may say that it is busy, in milliseconds. @default 600000 */
  patienceMs?: number;
}

/** Attempts in a row that bring nothing new. */
const fruitlessAttempts = 8;
const longestPauseMs = 15_000;

/**
 * Downloads a file, and goes on where an earlier attempt ended: after a broken connection, and after the end of this
 * process. What was there is only taken up while the server says, by ETag or date, that it has the same file still. The
 * file appears under its name when it is complete and as long as the server said.
 * @throws UserError when the server does not have the file, or cannot be reached for long
 */
export async function download({
  url,
  file,
  onProgress = () => {},
  stallMs = 60_000,
  patienceMs = 600_000,
}: Download): Promise<void> {
  if (await stat(file).catch(() => undefined)) return;
  const part = `${file}.part`;
  await appendFile(part, "");
  const handle = await open(part, "r+");
  try {
    let [best, fruitless, bestAt] = [0, 0, Date.now()];
    for (;;) {
      const before = await progressOf(url, file, (await handle.stat()).size);
      best = Math.max(best, before.have);
      const outcome = await attempt({ url, part: handle, file, ...before, stallMs, onProgress });
      if (outcome.kind === "complete") break;
      if (outcome.kind === "refused") throw new UserError(`${url} answered ${outcome.status}. ${refusalAdvice}`);
      // A server that knows no ranges and always breaks off at the same place brings nothing new.
      if (outcome.reached > best) [best, fruitless, bestAt] = [outcome.reached, 0, Date.now()];
      else fruitless++;
      const pauseMs = Math.max(outcome.retryAfterMs ?? 0, Math.min(longestPauseMs, 50 * 2 ** fruitless));
      const patientUntil = bestAt + (outcome.retryAfterMs === undefined ? 0 : patienceMs);
      if ((fruitless >= fruitlessAttempts || pauseMs > patienceMs) && Date.now() + pauseMs > patientUntil) {
        throw new UserError(
          `${url} could not be downloaded: ${outcome.why}. What has come so far is kept in ${part}; run the same command again to go on.`,
        );
      }
      if (fruitless > 0) await sleep(pauseMs);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(part, file);
  await rm(recordFile(file), { force: true });
}

const refusalAdvice = "Check the address and its rights, or give the address of a mirror.";

/** What can be taken up of an earlier attempt. */
async function progressOf(
  url: string,
  file: string,
  have: number,
): Promise<{ have: number; record: PartRecord | undefined }> {
  const record = await readRecord(file);
  const same = record?.url === url && record.validator !== "" && have <= (record.total ?? Infinity);
  return same ? { have, record } : { have: 0, record: undefined };
}
