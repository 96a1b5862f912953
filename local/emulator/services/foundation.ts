import { createHash, randomUUID } from "node:crypto";
import { ArmError, type TypeBehaviour } from "../contracts";

/** A GUID made from an id, for the ones that Azure hands out: the same resource keeps it. */
export function guidOf(...parts: readonly string[]): string {
  const hex = createHash("sha256").update(parts.join("\0").toLowerCase()).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}

/** Resource groups, identities, roles, vaults, logs: records with the properties that Azure adds. */
export const foundationBehaviours: readonly TypeBehaviour[] = [
  {
    type: "Microsoft.ManagedIdentity/userAssignedIdentities",
    properties: ({ id }, { tenantId }) => ({
      tenantId,
      principalId: guidOf(id, "principal"),
      clientId: guidOf(id, "client"),
    }),
  },
  {
    type: "Microsoft.Authorization/roleAssignments",
    check({ name, existing, body }) {
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(name)) {
        throw new ArmError(
          400,
          "InvalidRoleAssignmentId",
          `The role assignment ID '${name}' is not valid. The role assignment ID must be a GUID.`,
        );
      }
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
    },
    properties: ({ body, id }) => ({ ...body.properties, scope: id.split("/providers/Microsoft.Authorization/")[0] }),
  },
  {
    type: "Microsoft.KeyVault/vaults",
    properties: ({ body, name }) => ({ ...body.properties, vaultUri: `https://${name}.vault.localhost/` }),
  },
  {
    type: "Microsoft.KeyVault/vaults/secrets",
    properties: ({ body, name, existing }) => ({
      ...existing?.properties,
      ...body.properties,
      secretUri: `https://vault.localhost/secrets/${name}`,
      secretUriWithVersion: `https://vault.localhost/secrets/${name}/${randomUUID().replaceAll("-", "")}`,
    }),
    // The value can be written through Resource Manager, and never be read.
    view: () => ({ value: undefined }),
  },
  {
    type: "Microsoft.OperationalInsights/workspaces",
    properties: ({ body, id, existing }, cloud) => ({
      ...body.properties,
      customerId: guidOf(id),
      createdDate: existing?.properties.createdDate ?? cloud.now().toISOString(),
    }),
  },
  {
    type: "Microsoft.Insights/components",
    properties: ({ body, id, name }, { tenantId }) => {
      const key = guidOf(id, "key");
      return {
        ...body.properties,
        AppId: guidOf(id),
        ApplicationId: name,
        InstrumentationKey: key,
        ConnectionString: `InstrumentationKey=${key}`,
        TenantId: tenantId,
      };
    },
  },
];
