import { isMap, type Properties } from "../maps";

/** Stands for a value that is not known yet. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** The value without the envelopes of secrets; the engine keeps track of what is secret. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isMap(value)) return value;
  if (value[signatureKey] === secretSignature) return plain(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

/** Deep copy without `undefined`, which the protocol's encoding refuses. */
export function encodable(value: Properties): Properties {
  return JSON.parse(JSON.stringify(value)) as Properties;
}
