import { rootManagementGroup } from "../arm/ids";
import { ArmError, type PutRequest } from "../contracts";
import { isWithin } from "../rbac/permissions";
import type { Supporting } from "./supportingRules";

const suffix = /\/providers\/Microsoft\.Authorization\/policy(Exemptions|Assignments)\/[^/]+$/i;

/** As the schema has checked it. */
interface Exemption {
  policyAssignmentId: string;
  policyDefinitionReferenceIds?: string[];
  expiresOn?: string;
  assignmentScopeValidation?: string;
}

/**
 * Exemptions from policy assignments:
 * https://learn.microsoft.com/azure/governance/policy/concepts/exemption-structure
 */
export const policyExemptions: Supporting = {
  check(request, { access, resources, tenantId }) {
    const properties = (request.body.properties ?? {}) as unknown as Exemption;
    const { policyAssignmentId: assignmentId, policyDefinitionReferenceIds, expiresOn } = properties;
    const assignment = resources.get(assignmentId);
    if (!assignment || !/\/policyAssignments$/i.test(assignment.type))
      throw invalid(request, "policyAssignmentId", `The policy assignment '${assignmentId}' could not be found.`);
    const exempt = "Microsoft.Authorization/policyAssignments/exempt/action";
    if (!access.allows(request.principal, exempt, assignment.id))
      throw new ArmError(
        403,
        "LinkedAuthorizationFailed",
        `The client has permission to perform action 'Microsoft.Authorization/policyExemptions/write' on scope '${request.id}', however, it does not have permission to perform action(s) '${exempt}' on the linked scope(s) '${assignment.id}' (respectively) or the linked scope(s) are invalid.`,
      );
    const assigned = scopeOf(assignment.id);
    const isBelow = assigned === rootManagementGroup(tenantId).toLowerCase() || isWithin(scopeOf(request.id), assigned);
    if (!isBelow && properties.assignmentScopeValidation !== "DoNotValidate")
      throw invalid(
        request,
        "policyAssignmentId",
        `The scope '${scopeOf(request.id)}' is not at or under the scope of the policy assignment '${assignment.id}'.`,
      );
    const { policyDefinitionId } = assignment.properties;
    if (policyDefinitionReferenceIds && !/\/policySetDefinitions\//i.test(String(policyDefinitionId)))
      throw invalid(
        request,
        "policyDefinitionReferenceIds",
        "Policy definition references can be given for an assignment of a policy set definition alone.",
      );
    if (expiresOn !== undefined && Number.isNaN(Date.parse(expiresOn)))
      throw invalid(request, "expiresOn", `'${expiresOn}' is no date and time.`);
  },
};

/** What an assignment or an exemption is of, in lower case. */
function scopeOf(id: string): string {
  return id.replace(suffix, "").toLowerCase();
}

function invalid({ name }: PutRequest, property: string, why: string): ArmError {
  return new ArmError(
    400,
    "InvalidCreatePolicyExemptionRequest",
    `The policy exemption '${name}' create request is invalid. ${why}`,
    `properties.${property}`,
  );
}
