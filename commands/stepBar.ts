import type { SingleBar } from "cli-progress";

/** A progress bar a step on stderr, and nothing at all where that is no terminal. */
export function stepBar(): { report: (step: string, done: number, total: number) => void; end: () => void } {
  if (!process.stderr.isTTY) return { report: () => {}, end: () => {} };
  let bar: SingleBar | undefined;
  let shown: string | undefined;
  const end = () => {
    bar?.stop();
    bar = undefined;
  };
  return {
    report: (step, done, total) => {
      if (step !== shown) {
        end();
        shown = step;
        bar = newBar(step);
        bar.start(total, done);
      } else bar?.update(done);
    },
    end,
  };
}

function newBar(step: string): SingleBar {
  // The load of the library is for those who see a bar.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { SingleBar: Bar } = require("cli-progress") as typeof import("cli-progress");
  return new Bar({
    format: `${step} [{bar}] {percentage}% {eta_formatted}`,
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
  });
}
