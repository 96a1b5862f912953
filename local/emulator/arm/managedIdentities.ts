import { randomUUID } from "node:crypto";
import { isMap } from "../../maps";
import { ArmError, type Cloud, type ResourceRecord } from "../contracts";

/** A system-assigned identity keeps its principal as long as the resource lives. */
export function identityOf(
  given: Record<string, unknown> | undefined,
  existing: ResourceRecord | undefined,
  cloud: Cloud,
): Record<string, unknown> | undefined {
  if (!given) return given;
  const assigned = isMap(given.userAssignedIdentities)
    ? { userAssignedIdentities: assignedIdentities(Object.keys(given.userAssignedIdentities), cloud) }
    : {};
  if (!String(given.type).includes("SystemAssigned")) return { ...given, ...assigned };
  const principalId = existing?.identity?.principalId ?? randomUUID();
  return { ...given, ...assigned, principalId, tenantId: cloud.tenantId };
}

/** @throws ArmError for an identity that is not there */
function assignedIdentities(ids: readonly string[], cloud: Cloud): Record<string, unknown> {
  return Object.fromEntries(
    ids.map((id) => {
      const found = cloud.resources.get(id);
      if (!found) {
        throw new ArmError(
          400,
          "FailedIdentityOperation",
          `Identity operation failed with error 'Failed to perform resource identity operation. Status: 'BadRequest'. Response: '{"error":{"code":"BadRequest","message":"Resource '${id}' was not found."}}'.`,
          "identity.userAssignedIdentities",
        );
      }
      const { principalId, clientId } = found.properties;
      return [id, { principalId, clientId }];
    }),
  );
}
