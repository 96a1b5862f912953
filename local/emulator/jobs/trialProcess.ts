import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { LocalClock } from "../time/clock";
import type { EpochAnswer, TrialMessage, TrialOrder } from "./messages";

/** How the process of a trial ended: it says that all is done, or it does not. */
export type ProcessEnd = { done: true } | { done: false; reason: string };

export interface TrialEvents {
  /** Asked after each epoch. */
  onEpoch(metric: number | undefined): EpochAnswer;
  /** The training is over, and what it has made is put away. */
  onFinalizing(): void;
  /** Told when nothing has been heard of it for too long, and when it is heard again. */
  onSilence(silent: boolean): void;
}

/** Of the service: a run that tells nothing for so long does not respond. In local time, and in real time at least. */
const longestSilenceMs = 60_000;
const longestRealSilenceMs = 5_000;
const checkEveryMs = 1_000;

/** The process that trains one trial. */
export class TrialProcess {
  readonly ended: Promise<ProcessEnd>;
  private readonly child: ChildProcess;
  private heard: { real: number; local: number };
  private silent = false;

  constructor(
    order: TrialOrder,
    environment: NodeJS.ProcessEnv,
    private readonly events: TrialEvents,
    private readonly clock: LocalClock,
  ) {
    this.child = fork(join(__dirname, "trialMain.ts"), [], {
      env: environment,
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.heard = { real: performance.now(), local: clock.now() };
    const watch = setInterval(() => this.listen(), checkEveryMs);
    this.ended = this.untilEnded().finally(() => clearInterval(watch));
    this.child.send(order, () => {});
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }

  private untilEnded(): Promise<ProcessEnd> {
    return new Promise((resolve) => {
      let done = false;
      let reason: string | undefined;
      this.child.on("message", (message: TrialMessage) => {
        this.hear();
        switch (message.kind) {
          case "epoch":
            this.child.send(this.events.onEpoch(message.metric), () => {});
            return;
          case "finalizing":
            return this.events.onFinalizing();
          case "done":
            done = true;
            return;
          case "failed":
            reason = message.reason;
            return;
          case "alive":
        }
      });
      const end = (how: string) =>
        resolve(
          done
            ? { done }
            : { done, reason: reason ?? `The process of the trial ended (${how}) before the training did.` },
        );
      // A process that cannot be started has no exit; one that died while it was sent something has both.
      this.child.on("error", (error) => this.child.pid === undefined && end(error.message));
      this.child.once("exit", (code, signal) => end(signal ?? `status ${code}`));
    });
  }

  private hear(): void {
    this.heard = { real: performance.now(), local: this.clock.now() };
    if (this.silent) this.events.onSilence((this.silent = false));
  }

  private listen(): void {
    const { real, local } = this.heard;
    const isSilent = performance.now() - real > longestRealSilenceMs && this.clock.now() - local > longestSilenceMs;
    if (isSilent && !this.silent) this.events.onSilence((this.silent = true));
  }
}
