import { setTimeout as sleep } from "node:timers/promises";

/** What a service says when it has too much to do. */
export interface Busy {
  /** How long it wants to be left alone, in milliseconds; 0 when it does not say. */
  retryAfterMs: number;
}

/**
 * How many requests run at once: half as many whenever the service says that it is busy, one more for each round of
 * answers after that, up to `most`. While the service wants to be left alone, none begins.
 */
export class AdaptiveLimit {
  /** Requests that may run at once now; a fraction of one more counts up to it. */
  current: number;
  /** Fewest that were allowed at once so far. */
  lowest: number;
  /** When a request last succeeded, in milliseconds since 1970. */
  lastSuccess = Date.now();
  private running = 0;
  private cuts = 0;
  private pausedUntil = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly most: number) {
    this.current = most;
    this.lowest = most;
  }

  /** Runs `request` when there is room. @param busyOf what a failure says of the service's load */
  async run<Result>(request: () => Promise<Result>, busyOf: (error: unknown) => Busy | undefined): Promise<Result> {
    await this.enter();
    const cutsBefore = this.cuts;
    try {
      const result = await request();
      this.lastSuccess = Date.now();
      this.current = Math.min(this.most, this.current + 1 / this.current);
      return result;
    } catch (error) {
      const busy = busyOf(error);
      // Requests of one burst are refused together, and are one sign.
      if (busy && cutsBefore === this.cuts) {
        this.cuts++;
        this.current = Math.max(1, this.current / 2);
        this.lowest = Math.min(this.lowest, this.current);
      }
      if (busy) this.pausedUntil = Math.max(this.pausedUntil, Date.now() + busy.retryAfterMs);
      throw error;
    } finally {
      this.running--;
      for (let room = Math.floor(this.current) - this.running; room > 0; room--) this.waiting.shift()?.();
    }
  }

  private async enter(): Promise<void> {
    for (;;) {
      const pauseMs = this.pausedUntil - Date.now();
      if (pauseMs > 0) await sleep(pauseMs);
      else if (this.running < Math.floor(this.current)) break;
      else await new Promise<void>((go) => this.waiting.push(go));
    }
    this.running++;
  }
}
