/** Writes of one resource, one after another: each sees what the one before it has stored. */
export class Turns {
  private readonly last = new Map<string, Promise<unknown>>();

  /** @param id compared without case */
  async take<T>(id: string, write: () => Promise<T>): Promise<T> {
    const key = id.toLowerCase();
    const before = this.last.get(key) ?? Promise.resolve();
    const turn = before.then(write, write);
    const settled = turn.catch(() => {});
    this.last.set(key, settled);
    try {
      return await turn;
    } finally {
      if (this.last.get(key) === settled) this.last.delete(key);
    }
  }
}
