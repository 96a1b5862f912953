import type { Store, Table } from "../contracts";

/** Local time as a line through a point: at `realMs` it was `localMs`, and since then it runs `rate` times as fast. */
export interface ClockState {
  realMs: number;
  localMs: number;
  /** Times the speed of real time. */
  rate: number;
  stopped: boolean;
}

export interface ClockChange {
  rate?: number;
  stopped?: boolean;
  /** Leaps forward. Time never goes back: what is stored was stored before now. */
  advanceSeconds?: number;
}

export function localTime({ realMs, localMs, rate, stopped }: ClockState, nowReal: number): number {
  return stopped ? localMs : localMs + (nowReal - realMs) * rate;
}

/**
 * The local time at which it was a real time, by all that the clock has been since the process began.
 * @param lines oldest first; before the first one the clock ran as that one says
 */
export function localTimeAt(lines: readonly ClockState[], realMs: number): number {
  const [first, ...later] = lines;
  if (!first) return realMs;
  return localTime(later.findLast((line) => line.realMs <= realMs) ?? first, realMs);
}

/** The line that begins where the old one is now. */
export function changed(state: ClockState, change: ClockChange, nowReal: number): ClockState {
  return {
    realMs: nowReal,
    localMs: localTime(state, nowReal) + (change.advanceSeconds ?? 0) * 1000,
    rate: change.rate ?? state.rate,
    // Who asks for a speed wants to see time pass.
    stopped: change.stopped ?? (change.rate === undefined && state.stopped),
  };
}

/** What waits for a time of the local clock. */
export interface Timer {
  cancel(): void;
}

const mostLines = 100;
/** Longest delay of a timer of Node; later ones are armed again. */
const longestDelayMs = 2 ** 31 - 1;

/** The clock by which everything in the local cloud waits, stamps and expires. Tests stop it, speed it up and let it leap. */
export class LocalClock {
  private state: ClockState;
  private readonly waiting = new Set<{ arm(): void }>();
  /** How it has run in this process, oldest first. */
  private history: readonly ClockState[];
  private told: (lines: readonly ClockState[]) => Promise<void> = async () => {};

  private constructor(
    private readonly table: Table<ClockState>,
    private readonly realNow: () => number,
    stored: ClockState | undefined,
  ) {
    this.state = stored ?? { realMs: realNow(), localMs: realNow(), rate: 1, stopped: false };
    this.history = [this.state];
  }

  /**
   * Goes on from where the last process left the clock.
   * @param adjustable otherwise time runs as fast as real time does, from wherever it is
   */
  static async open(store: Store, adjustable: boolean, realNow: () => number = Date.now): Promise<LocalClock> {
    const table = store.table<ClockState>("clock");
    const clock = new LocalClock(table, realNow, table.get("clock"));
    const isUsual = clock.state.rate === 1 && !clock.state.stopped;
    if (!adjustable && !isUsual) await clock.change({ rate: 1, stopped: false });
    return clock;
  }

  now(): number {
    return Math.round(localTime(this.state, this.realNow()));
  }

  /** What the admin endpoint shows. */
  show(): { now: string; rate: number; stopped: boolean } {
    return { now: new Date(this.now()).toISOString(), rate: this.state.rate, stopped: this.state.stopped };
  }

  /** Changes how time runs. Kept before it takes effect, so that a restart does not go back in time. */
  async change(change: ClockChange): Promise<void> {
    const next = changed(this.state, change, this.realNow());
    await this.table.put("clock", next);
    this.state = next;
    this.history = [...this.history, next].slice(-mostLines);
    for (const timer of [...this.waiting]) timer.arm();
    await this.told(this.history);
  }

  get lines(): readonly ClockState[] {
    return this.history;
  }

  /** For who keeps time in another process; a change is over when it has resolved. */
  onChange(told: (lines: readonly ClockState[]) => Promise<void>): void {
    this.told = told;
  }

  /** Acts once when the clock has reached a time; at once, but not before this returns, when it has already. */
  at(localMs: number, action: () => void): Timer {
    let handle: NodeJS.Timeout | undefined;
    const timer = {
      arm: () => {
        clearTimeout(handle);
        const left = localMs - localTime(this.state, this.realNow());
        if (left > 0 && this.state.stopped) return;
        const delay = Math.max(0, left / this.state.rate);
        handle = setTimeout(delay > longestDelayMs ? timer.arm : fire, Math.min(delay, longestDelayMs));
      },
    };
    const fire = () => {
      this.waiting.delete(timer);
      action();
    };
    this.waiting.add(timer);
    timer.arm();
    return {
      cancel: () => {
        this.waiting.delete(timer);
        clearTimeout(handle);
      },
    };
  }

  /** The real time at which the clock will show a time, as it runs now; for those who have a clock of their own. */
  realTimeOf(localMs: number): number {
    const left = Math.max(0, localMs - this.now());
    return this.state.stopped ? Infinity : this.realNow() + left / this.state.rate;
  }
}
