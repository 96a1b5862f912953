/** In place of a value that cannot be told before Azure is asked. */
export class Untold {
  /** @param why ends the sentence "It cannot be told, because ..." */
  constructor(readonly why: string) {}
}

/** The first of them that there is among values. */
export function untoldAmong(values: readonly unknown[]): Untold | undefined {
  return values.find((value) => value instanceof Untold);
}

/** Whether all hold: one that does not decides it, and else one that cannot be told. */
export function everyHolds(each: readonly (boolean | Untold)[]): boolean | Untold {
  return each.includes(false) ? false : (each.find((one) => one instanceof Untold) ?? true);
}

/** Whether one holds: that decides it, and else one that cannot be told. */
export function someHolds(each: readonly (boolean | Untold)[]): boolean | Untold {
  return each.includes(true) ? true : (each.find((one) => one instanceof Untold) ?? false);
}
