/** In place of a value that cannot be told before Azure is asked. */
export class Untold {
  /** @param why ends the sentence "It cannot be told, because ..." */
  constructor(readonly why: string) {}
}

/** The first of them that there is among values. */
export function untoldAmong(values: readonly unknown[]): Untold | undefined {
  return values.find((value) => value instanceof Untold);
}
