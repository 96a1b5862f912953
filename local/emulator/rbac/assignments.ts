import { notImplemented } from "../arm/errors";
import { ArmError, type Cloud, type TypeBehaviour } from "../contracts";
import { assignmentType } from "./access";
import { isPrincipal } from "./principals";
import { roleOf } from "./roles";

function scopeOf(id: string): string {
  return id.replace(/\/providers\/Microsoft\.Authorization\/roleAssignments\/[^/]+$/i, "");
}

/** What Azure allows once at a scope. Role definitions are compared by their GUID, as ids of them come at several scopes. */
function assignmentKey(properties: Record<string, unknown> | undefined): string {
  const role = String(properties?.roleDefinitionId).split("/").at(-1);
  return `${String(properties?.principalId)} ${role}`.toLowerCase();
}

/**
 * Who is given a type is not looked up, since the directory may not know of it yet; who is known has its own type.
 * https://learn.microsoft.com/azure/role-based-access-control/troubleshooting#symptom---assigning-a-role-to-a-new-principal-sometimes-fails
 * @throws ArmError 400 in the words of Azure
 */
function checkPrincipal(properties: Record<string, unknown>, cloud: Cloud): void {
  const { principalId = "", principalType } = properties as { principalId?: string; principalType?: string };
  const id = principalId.replaceAll("-", "").toLowerCase();
  const isKnown = isPrincipal(principalId, cloud);
  if (isKnown && principalType && principalType !== "ServicePrincipal") {
    throw new ArmError(
      400,
      "UnmatchedPrincipalType",
      `The PrincipalId '${id}' has type 'ServicePrincipal' , which is different from specified PrinciaplType '${principalType}'.`,
      "properties.principalType",
    );
  }
  if (isKnown || principalType) return;
  throw new ArmError(
    400,
    "PrincipalNotFound",
    `Principal ${id} does not exist in the directory ${cloud.tenantId}. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype`,
    "properties.principalId",
  );
}

/** Role assignments, which have an effect. */
export const assignmentBehaviour: TypeBehaviour = {
  type: assignmentType,
  answersDeleted: true,
  coverage: {
    gaps: {
      PUT: "built-in roles; the directory knows no users and groups, to which roles are assigned by principalType; a condition is refused with 501",
    },
  },
  check({ name, existing, body, id }, cloud) {
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(name)) {
      throw new ArmError(
        400,
        "InvalidRoleAssignmentId",
        `The role assignment ID '${name}' is not valid. The role assignment ID must be a GUID.`,
      );
    }
    const { roleDefinitionId, condition } = body.properties ?? {};
    if (!roleOf(String(roleDefinitionId))) {
      throw new ArmError(
        400,
        "RoleDefinitionDoesNotExist",
        `The specified role definition with ID '${String(roleDefinitionId).split("/").at(-1)}' does not exist.`,
        "properties.roleDefinitionId",
      );
    }
    // A condition that is kept and not evaluated would allow what Azure refuses.
    if (condition) throw notImplemented("evaluation of conditions of role assignments");
    if (!existing) checkPrincipal(body.properties ?? {}, cloud);
    const changed =
      existing &&
      ["principalId", "roleDefinitionId"].some((key) => existing.properties[key] !== body.properties?.[key]);
    if (changed) {
      throw new ArmError(
        409,
        "RoleAssignmentUpdateNotPermitted",
        "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
      );
    }
    const same = cloud.resources
      .list(scopeOf(id), assignmentType)
      .find(
        (other) => other.name !== existing?.name && assignmentKey(other.properties) === assignmentKey(body.properties),
      );
    if (same) {
      throw new ArmError(
        409,
        "RoleAssignmentExists",
        `The role assignment already exists. The ID of the conflicting role assignment is ${same.name.replaceAll("-", "")}.`,
      );
    }
  },
  properties: ({ body, id, existing }, cloud) => ({
    principalType: "ServicePrincipal",
    ...body.properties,
    scope: scopeOf(id),
    createdOn: existing?.properties.createdOn ?? cloud.now().toISOString(),
    updatedOn: cloud.now().toISOString(),
  }),
  afterPut: (_record, _created, cloud) => cloud.access.refresh(),
};
