/** An object as the inputs of a resource have it. */
export type Values = Readonly<Record<string, unknown>>;

/** The object, or an empty one in place of what is none. */
export function valuesOf(value: unknown): Values {
  return typeof value === "object" && value !== null ? (value as Values) : {};
}
