import data from "./limits.json";

/** What a string or a number may be, as Azure's specifications have it. Lengths are in bytes, as the azure-native plugin counts. */
export interface Limits {
  minLength?: number;
  maxLength?: number;
  /** A regular expression without look-around, which neither Go nor the plugin has. */
  pattern?: string;
  minimum?: number;
  maximum?: number;
  integer?: true;
}

type ByProperty = Readonly<Record<string, Limits | undefined>>;

/**
 * Neither the types of the SDK nor its documentation have limits, so they are kept here: those of the Python SDKs that are named
 * under `sources`, which are generated from the same specifications as the plugin, of the same api-versions wherever there is one.
 */
const limits = data as {
  names: Readonly<Record<string, ByProperty | undefined>>;
  bodies: Readonly<Record<string, ByProperty | undefined>>;
  objects: Readonly<Record<string, ByProperty | undefined>>;
};

/** Of a part of the path, by its name in the SDK. */
export function limitsOfName(armType: string, name: string): Limits | undefined {
  return limits.names[armType.split("/")[0] ?? ""]?.[name];
}

/** Of a property of a body, by its dotted path there: `properties.retentionInDays`. */
export function limitsInBody(armType: string, path: string): Limits | undefined {
  return limits.bodies[armType]?.[path];
}

/** Of a property of an object, by the SDK's name of the object: `storage.DeleteRetentionPolicyArgs`. */
export function limitsInObject(name: string, property: string): Limits | undefined {
  return limits.objects[name]?.[property];
}

/** The limits that a value breaks; none for a value that is neither a string nor a number. */
export function brokenLimits(limits: Limits | undefined, value: unknown): (keyof Limits)[] {
  if (!limits) return [];
  const { minLength = 0, maxLength = Infinity, minimum = -Infinity, maximum = Infinity, pattern, integer } = limits;
  const broken: Partial<Record<keyof Limits, boolean>> = {};
  if (typeof value === "string") {
    const length = Buffer.byteLength(value);
    broken.minLength = length < minLength;
    broken.maxLength = length > maxLength;
    broken.pattern = pattern !== undefined && !new RegExp(pattern).test(value);
  } else if (typeof value === "number") {
    broken.integer = integer === true && !Number.isInteger(value);
    broken.minimum = value < minimum;
    broken.maximum = value > maximum;
  }
  return (Object.keys(broken) as (keyof Limits)[]).filter((limit) => broken[limit]);
}
