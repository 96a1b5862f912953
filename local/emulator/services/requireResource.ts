import { ArmError, type Cloud, type ResourceRecord } from "../contracts";

/** A resource that a body names. @throws ArmError 400 when it is not there */
export function requireResource(cloud: Cloud, id: unknown, target: string): ResourceRecord {
  const found = typeof id === "string" ? cloud.resources.get(id) : undefined;
  if (!found) throw new ArmError(400, "ValidationError", `The resource '${String(id)}' was not found.`, target);
  return found;
}
