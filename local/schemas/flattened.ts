import { bodyShapeOf, objectShapeOf } from ".";
import { isMap, type Properties } from "../maps";
import type { ObjectShape, Shape } from "./schema";

/**
 * Objects of a request body whose `properties` the SDK has flattened into them, by their names in its types, with what stands
 * beside `properties` in the body. Of the specifications of Azure, as Bicep's types have them:
 * https://github.com/Azure/bicep-types-az
 */
export const flattenedObjects: Readonly<Record<string, readonly string[]>> = {
  "machinelearningservices.SharedPrivateLinkResourceArgs": ["name"],
  "network.ApplicationGatewayIPConfigurationArgs": ["id", "name"],
  "network.ApplicationSecurityGroupArgs": ["id", "location", "tags"],
  "network.DelegationArgs": ["id", "name", "type"],
  "network.NetworkSecurityGroupArgs": ["id", "location", "tags"],
  "network.PrivateDnsZoneConfigArgs": ["name"],
  "network.PrivateEndpointIPConfigurationArgs": ["name"],
  "network.PrivateLinkServiceConnectionArgs": ["id", "name"],
  "network.ResourceNavigationLinkArgs": ["id", "name"],
  "network.RouteArgs": ["id", "name", "type"],
  "network.RouteTableArgs": ["id", "location", "tags"],
  "network.SecurityRuleArgs": ["id", "name", "type"],
  "network.ServiceAssociationLinkArgs": ["id", "name"],
  "network.ServiceEndpointPolicyArgs": ["id", "location", "tags"],
  "network.ServiceEndpointPolicyDefinitionArgs": ["id", "name", "type"],
  "network.SubnetArgs": ["id", "name", "type"],
  "network.VirtualNetworkPeeringArgs": ["id", "name", "type"],
};

/** Properties as a request body has them, from those of the SDK. */
export function nested(armType: string, properties: Properties): Properties {
  return walk(armType, properties, (shape, value) => {
    const known = Object.keys(shape.properties);
    const outer = Object.fromEntries(Object.entries(value).filter(([key]) => known.includes(key)));
    const inner = Object.fromEntries(Object.entries(value).filter(([key]) => !known.includes(key)));
    return Object.keys(inner).length > 0 ? { ...outer, properties: inner } : outer;
  });
}

/** The way back: properties as the SDK has them, from those of an answer. */
export function flattened(armType: string, properties: Properties): Properties {
  return lifted(walk(armType, properties, (_shape, value) => ({ ...value, [mark]: true }))) as Properties;
}

/** The SDK's path of a place in `properties` of a request body. */
export function flattenedPath(armType: string, path: string): string {
  const shape = bodyShapeOf(armType);
  if (!shape) return path;
  let at: Shape | ObjectShape | undefined = shape;
  return path
    .split(".")
    .filter((part) => {
      const [key = "", ...indexes] = part.split("[");
      const object: ObjectShape | undefined = at && objectOf(at);
      const isInside = key === "properties" && object?.flattened === true;
      at = object && Object.hasOwn(object.properties, key) ? object.properties[key].shape : undefined;
      for (const _ of indexes) at = at && "kind" in at && at.kind === "list" ? at.of : undefined;
      return !isInside;
    })
    .join(".");
}

const mark = Symbol("flattened");

function lifted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lifted);
  if (!isMap(value)) return value;
  const { properties, ...outer } = value;
  const entries = (value as { [mark]?: true })[mark] && isMap(properties) ? { ...outer, ...properties } : value;
  return Object.fromEntries(Object.entries(entries).map(([key, item]) => [key, lifted(item)]));
}

function walk(
  armType: string,
  properties: Properties,
  change: (shape: ObjectShape, value: Properties) => Properties,
): Properties {
  const shape = bodyShapeOf(armType);
  return shape ? (visit(shape, properties, change) as Properties) : properties;
}

function visit(
  shape: Shape | ObjectShape,
  value: unknown,
  change: (shape: ObjectShape, value: Properties) => Properties,
): unknown {
  if ("kind" in shape && shape.kind === "list")
    return Array.isArray(value) ? value.map((item) => visit(shape.of, item, change)) : value;
  const object = objectOf(shape);
  if (!object || !isMap(value)) return value;
  const changed = object.flattened ? change(object, value) : { ...value };
  for (const [key, item] of Object.entries(changed)) {
    if (Object.hasOwn(object.properties, key)) changed[key] = visit(object.properties[key].shape, item, change);
  }
  return changed;
}

function objectOf(shape: Shape | ObjectShape): ObjectShape | undefined {
  if (!("kind" in shape)) return shape;
  return shape.kind === "object" ? objectShapeOf(shape.name) : undefined;
}
