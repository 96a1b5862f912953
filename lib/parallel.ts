/**
 * Works on the items of `source`, at most `workers` at a time; items are taken as they are needed.
 * @throws the first failure, once all work that had begun is over; no further item is begun
 */
export async function inParallel<Item>(
  source: AsyncIterable<Item> | Iterable<Item>,
  workers: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const items = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  let failure: { error: unknown } | undefined;
  const worker = async () => {
    try {
      while (!failure) {
        const next = await items.next();
        if (next.done) return;
        await work(next.value);
      }
    } catch (error) {
      failure ??= { error };
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
  await items.return?.();
  if (failure) throw failure.error;
}
