import { SingleBar } from "cli-progress";
import type { Progress } from "../lib/azure/upload";

const megabyte = 1024 * 1024;

/** Progress of an upload on a terminal: files, bytes, rate, and the time that is left. Silent elsewhere. */
export function uploadBar(): { report(progress: Progress): void; end(): void } {
  if (!process.stderr.isTTY) return { report: () => {}, end: () => {} };
  const started = Date.now();
  let bar: SingleBar | undefined;
  return {
    report({ files, bytes, totalFiles, totalBytes }) {
      const elapsed = Math.max(0.001, (Date.now() - started) / 1000);
      const rate = bytes / elapsed;
      const shown = {
        files: `${files}/${totalFiles} files`,
        bytes: `${(bytes / megabyte).toFixed(1)}/${(totalBytes / megabyte).toFixed(1)} MiB`,
        rate: `${(rate / megabyte).toFixed(1)} MiB/s`,
        left: rate > 0 ? `${Math.ceil((totalBytes - bytes) / rate)} s left` : "",
      };
      if (!bar) {
        bar = new SingleBar({
          format: "[{bar}] {percentage}% | {files} | {bytes} | {rate} | {left}",
          hideCursor: true,
          barsize: 24,
        });
        bar.start(Math.max(1, totalBytes), bytes, shown);
      } else bar.update(totalBytes === 0 ? 1 : bytes, shown);
    },
    end: () => bar?.stop(),
  };
}
