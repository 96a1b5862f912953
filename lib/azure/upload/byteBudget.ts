/** Bytes that may be in memory at once; whoever wants more waits, first come first served. */
export class ByteBudget {
  private free: number;
  private readonly waiting: { bytes: number; go: () => void }[] = [];

  constructor(private readonly all: number) {
    this.free = all;
  }

  /** Runs `task` with `bytes` of the budget; one that is larger than all of it runs alone. */
  async holding<Result>(bytes: number, task: () => Promise<Result>): Promise<Result> {
    const share = Math.min(bytes, this.all);
    await this.take(share);
    try {
      return await task();
    } finally {
      this.give(share);
    }
  }

  /** To be given back with {@link give}. */
  async take(bytes: number): Promise<void> {
    if (this.waiting.length === 0 && bytes <= this.free) this.free -= bytes;
    else await new Promise<void>((go) => this.waiting.push({ bytes, go }));
  }

  give(bytes: number): void {
    this.free += bytes;
    for (let [next] = this.waiting; next && next.bytes <= this.free; [next] = this.waiting) {
      this.free -= next.bytes;
      this.waiting.shift();
      next.go();
    }
  }
}
