import { bodyOfType, literalsOf, objectShapeOf } from ".";
import { isMap, type Properties } from "../maps";
import type { ObjectShape, Shape } from "./schema";

/** What of an answer a PUT can send: nothing that the service alone sets. A type without a schema keeps all. */
export function inputBody(armType: string, answer: Properties): Properties {
  const schema = bodyOfType(armType);
  if (!schema) return answer;
  const { properties } = answer;
  const envelope = ofObject(schema.envelope, answer);
  return isMap(properties) ? { ...envelope, properties: ofShape(schema.properties, properties) } : envelope;
}

function ofObject(shape: ObjectShape, value: Properties): Properties {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) =>
      Object.hasOwn(shape.properties, key) ? [[key, ofShape(shape.properties[key].shape, item)]] : [],
    ),
  );
}

function ofShape(shape: Shape | ObjectShape, value: unknown): unknown {
  if (!("kind" in shape)) return isMap(value) ? ofObject(shape, value) : value;
  switch (shape.kind) {
    case "list":
      return Array.isArray(value) ? value.map((item) => ofShape(shape.of, item)) : value;
    case "map":
      return isMap(value)
        ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, ofShape(shape.of, item)]))
        : value;
    case "object": {
      const object = objectShapeOf(shape.name);
      return object && isMap(value) ? ofObject(object, value) : value;
    }
    case "union": {
      if (!isMap(value)) return value;
      const objects = shape.names.flatMap((name) => objectShapeOf(name) ?? []);
      const found = objects.find((object) => literalsOf(object).every(([key, literal]) => value[key] === literal));
      return found ? ofObject(found, value) : value;
    }
    default:
      return value;
  }
}
