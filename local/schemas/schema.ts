import type { Limits } from "./limits";

/** The shape of a value in a request body, as generated from the SDK's types. */
export type Shape =
  | { kind: "string" | "number" | "boolean" | "any" }
  | { kind: "enum"; values: string[] }
  | { kind: "literal"; value: string }
  | { kind: "list"; of: Shape }
  | { kind: "map"; of: Shape }
  | { kind: "object"; name: string }
  /** One of several objects, told apart by a property with a literal value. */
  | { kind: "union"; names: string[] };

export interface ObjectShape {
  properties: Record<string, { shape: Shape; required?: boolean; limits?: Limits }>;
  /** Properties that Azure only answers; accepted in a body, and ignored. */
  readOnly?: string[];
  /** The SDK has what is inside `properties` beside it. */
  flattened?: true;
}

export interface GeneratedSchemas {
  /** Body of each ARM type: what stands beside `properties`, and `properties` itself. */
  bodies: Record<string, { envelope: ObjectShape; properties: ObjectShape | Shape }>;
  objects: Record<string, ObjectShape>;
}
