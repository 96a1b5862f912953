import type { WriterSettings } from "./blobWriter";

export interface UploadSettings {
  /** Requests at once, at most; fewer while the service is busy. @default 64 */
  concurrency?: number;
  /**
   * Whether a refusal is believed only after the minutes that a new role assignment takes to reach the service.
   * @default false
   */
  waitForRights?: boolean;
}

/** Content that is in memory at once. */
export const memoryBytes = 64 * 1024 * 1024;

const rolePropagationMs = 5 * 60_000;
const patienceMs = 3 * 60_000;

export function writerSettings({ concurrency = 64, waitForRights = false }: UploadSettings): WriterSettings {
  return { concurrency, patienceMs, rightsMs: waitForRights ? rolePropagationMs : 0 };
}
