import * as pulumi from "@pulumi/pulumi";
import * as authorization from "@pulumi/azure-native/authorization";
import { deterministicGuid } from "../lib/naming";

/** Built-in roles in use, by the GUID that is the same in every tenant. */
const builtInRoles = {
  reader: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
  blobReader: "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
  blobContributor: "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
  keyVaultSecretsUser: "4633458b-17de-408a-b874-0445c86b69e6",
  keyVaultSecretsOfficer: "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
  keyVaultCryptoServiceEncryptionUser: "e147488a-f6f5-4113-8e2d-b22465e65bf6",
  acrPull: "7f951dda-4ed3-4680-a7ca-43fe172d538d",
  acrPush: "8311e382-0749-4cb8-b61a-304f252e45ec",
  networkConnectionApprover: "b556d68e-0be0-4f35-a333-ad7ee1ce17ea",
  aksClusterAdmin: "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b",
} as const;

export type BuiltInRole = keyof typeof builtInRoles;

export interface Grantee {
  principalId: pulumi.Input<string>;
  /**
   * Must be the principal's own type, which Azure compares (`UnmatchedPrincipalType`); given, it is not looked for in the
   * directory, which does not know identities of the same deployment yet. The SDK sends `User` where it is not given.
   */
  principalType: pulumi.Input<"ServicePrincipal" | "User" | "Group">;
}

/** Assigns a role on one resource, under a name that is the same each time. */
export function grant(
  name: string,
  role: BuiltInRole,
  scope: pulumi.Input<string>,
  grantee: Grantee,
  opts: pulumi.CustomResourceOptions,
): authorization.RoleAssignment {
  const roleId = builtInRoles[role];
  const assignmentName = pulumi
    .all([scope, grantee.principalId])
    .apply(([scopeId, principalId]) => deterministicGuid(scopeId, principalId, roleId));
  const subscription = pulumi.output(scope).apply((id) => id.split("/").slice(0, 3).join("/"));
  return new authorization.RoleAssignment(
    name,
    {
      scope,
      roleAssignmentName: assignmentName,
      roleDefinitionId: pulumi.interpolate`${subscription}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`,
      principalId: grantee.principalId,
      // The SDK puts "User" in place of nothing, which Azure refuses for a service principal; what is known later it leaves alone.
      principalType: pulumi.output(grantee.principalType),
    },
    opts,
  );
}
