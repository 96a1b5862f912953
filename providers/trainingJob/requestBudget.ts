import { setTimeout as sleep } from "node:timers/promises";

/** A clock that no change of the machine's time moves, in milliseconds. */
export type Clock = () => number;
export const monotonicClock: Clock = () => performance.now();

/**
 * Requests that all jobs of a process share, however many are waited for: Azure Resource Manager throttles a subscription,
 * and with it everybody else who works there.
 */
export class RequestBudget {
  /** When the next request may go out. */
  private free = 0;

  /** @param perSecond requests a second; as many may go out at once after a rest */
  constructor(
    private readonly perSecond: number,
    private readonly clock: Clock = monotonicClock,
  ) {}

  /** Waits for its turn. */
  async take(): Promise<void> {
    const waitMs = this.reserve() - this.clock();
    if (waitMs > 0) await sleep(waitMs);
  }

  /** Takes several at once if they are to spare, else none. */
  tryTake(requests: number): boolean {
    if (Math.max(this.free, this.clock() - 1_000) + (requests * 1_000) / this.perSecond > this.clock()) return false;
    for (let request = 0; request < requests; request++) this.reserve();
    return true;
  }

  private reserve(): number {
    const turn = Math.max(this.free, this.clock() - 1_000) + 1_000 / this.perSecond;
    this.free = turn;
    return turn;
  }
}
