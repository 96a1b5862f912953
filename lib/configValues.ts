import { z } from "zod";
import { nameRules, type Named } from "./nameRules";

/** A number that need not be whole: "pulumi config set --path" stores one with a decimal point as text. */
export function decimal<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess(
    (value) => (typeof value === "string" && /^-?\d*\.?\d+$/.test(value) ? Number(value) : value),
    schema,
  );
}

/** A text that may be all digits: "pulumi config set --path" stores such a one as a number. */
export function text(what: string) {
  return z.union([z.string(), z.number().int().min(0)], what).transform(String);
}

export const fraction = decimal(z.number().gt(0).lt(1));
export const share = decimal(z.number().min(0).max(1));
export const positive = decimal(z.number().positive());
export const count = z.number().int().min(1);

/** A name that Azure takes for a resource of the kind. */
export function nameOf(kind: Named) {
  const { pattern, allowed } = nameRules[kind];
  return z.string().regex(pattern, allowed);
}

/**
 * A text that is an ARM id of the type; the resource is there already.
 * @param type as in Microsoft.Network/virtualNetworks/subnets
 */
export function armId(type: string) {
  const [namespace = "", ...types] = type.split("/");
  const idOf = (nameOfType: (kind: string, isLast: boolean) => string) =>
    [namespace, ...types.flatMap((kind, index) => [kind, nameOfType(kind, index === types.length - 1)])].join("/");
  const path = idOf(() => "[^/]+").replaceAll(".", "\\.");
  const pattern = new RegExp(`^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/${path}$`, "i");
  const shown = idOf((kind, isLast) => (isLast ? "NAME" : kind.charAt(0).toUpperCase()));
  return z.string().regex(pattern, `/subscriptions/S/resourceGroups/G/providers/${shown}`);
}
