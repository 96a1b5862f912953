import { ArmError, type Cloud, type PutRequest, type ResourceRecord, type TypeBehaviour } from "../contracts";

/** What is special about a type of which nothing runs. */
export interface Supporting {
  check?: TypeBehaviour["check"];
  /** What the service adds to the properties of the body. */
  added?(request: PutRequest, cloud: Cloud): Record<string, unknown>;
  /** Properties of a body that are never answered: secrets, and what is stored elsewhere. */
  hidden?: readonly string[];
  view?: TypeBehaviour["view"];
}

/** The words of Microsoft.Network. */
export function missingReference(id: unknown, target: string): ArmError {
  return new ArmError(
    400,
    "InvalidResourceReference",
    `Resource ${String(id)} referenced by the request at '${target}' was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.`,
    target,
  );
}

interface SubnetProperties {
  addressPrefix?: string;
  addressPrefixes?: string[];
  delegations?: { properties?: { serviceName?: string } }[];
}

/**
 * A subnet that a service has for itself.
 * @throws ArmError 400 when it is not there, or not delegated to the service
 */
export function delegatedSubnet(
  { resources }: Cloud,
  id: unknown,
  service: string,
  { code, target }: { code: string; target: string },
): { record: ResourceRecord; prefix: string } {
  const record = typeof id === "string" ? resources.get(id) : undefined;
  if (!record) throw missingReference(id, target);
  const { addressPrefix, addressPrefixes = [], delegations = [] } = record.properties as SubnetProperties;
  if (!delegations.some(({ properties }) => properties?.serviceName?.toLowerCase() === service.toLowerCase()))
    throw new ArmError(
      400,
      code,
      `The subnet '${record.id}' is not delegated to '${service}'. Delegate it, and let nothing else be in it.`,
      target,
    );
  return { record, prefix: addressPrefix ?? addressPrefixes[0] ?? "" };
}
