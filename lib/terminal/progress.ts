import type { SingleBar } from "cli-progress";
import { painted, step, type Output } from "./look";

export interface Progress {
  /** @param detail what else is worth telling, such as the rate */
  report: (done: number, total: number, detail?: string) => void;
  end: () => void;
}

/** Lines in place of a bar: not more often than this, so that a log stays short. */
const lineMs = 10_000;

/**
 * Progress of long work: a bar with the time that is left on a terminal; elsewhere a line now and then, and none about work
 * that is done before the first is due.
 */
export function progress(what: string, output: Output & NodeJS.WritableStream = process.stderr): Progress {
  return output.isTTY ? progressBar(what, output) : progressLines(what, output);
}

function progressBar(what: string, output: Output & NodeJS.WritableStream): Progress {
  let bar: SingleBar | undefined;
  const end = () => {
    process.off("SIGINT", interrupted);
    bar?.stop();
    bar = undefined;
  };
  const interrupted = () => {
    end();
    // Nobody else takes the interruption, so it ends the process, as without a bar.
    if (process.listenerCount("SIGINT") === 0) process.kill(process.pid, "SIGINT");
  };
  return {
    report(done, total, detail = "") {
      const shown = { detail: detail && ` | ${detail}` };
      if (bar) return bar.update(done, shown);
      bar = newBar(what, output);
      // In front of others, so that what they print is not overwritten by the bar.
      process.prependListener("SIGINT", interrupted);
      bar.start(Math.max(1, total), done, shown);
    },
    end,
  };
}

function newBar(what: string, output: Output & NodeJS.WritableStream): SingleBar {
  // The load of the library is for those who see a bar.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { SingleBar: Bar } = require("cli-progress") as typeof import("cli-progress");
  return new Bar({
    format: `${painted("»", "cyan", output)} ${what} [{bar}] {percentage}% {value}/{total}{detail} | {eta_formatted} left`,
    barsize: barSize(what, output),
    hideCursor: true,
    // Its own handler would swallow the first Ctrl-C.
    gracefulExit: false,
    stream: output,
  });
}

/** The line is not wrapped, so in a narrow terminal the bar gives way to the figures. */
function barSize(what: string, { columns = 80 }: Output): number {
  return Math.min(24, Math.max(3, columns - what.length - figuresWidth));
}

/** Of percent, counts, rate and the time that is left. */
const figuresWidth = 44;

function progressLines(what: string, output: Output): Progress {
  let due = Date.now() + lineMs;
  return {
    report(done, total, detail = "") {
      if (Date.now() < due) return;
      due = Date.now() + lineMs;
      step(`${what}: ${done}/${total}${detail && `, ${detail}`}`, output);
    },
    end: () => {},
  };
}

const barWidth = 10;

/**
 * A bar as text, for lines that another program shows; empty unless PROGRESS_BARS is set, as the local stack does where they
 * end on a terminal.
 */
export function barText(done: number, total: number, environment: NodeJS.ProcessEnv = process.env): string {
  if (!environment.PROGRESS_BARS) return "";
  const full = total <= 0 ? barWidth : Math.round(barWidth * Math.min(1, done / total));
  return `[${"=".repeat(full)}${" ".repeat(barWidth - full)}] `;
}
