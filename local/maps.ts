/** A JSON object. */
export type Properties = Record<string, unknown>;

export function isMap(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
