import { ArmError, type TypeBehaviour } from "../contracts";
import { guidOf } from "../guid";
import { assignmentBehaviour } from "../rbac/assignments";
import { checkProtection, protectionOf, retentionDays } from "./vaultRules";
import { VaultSecrets, vaultUri } from "./vaultSecrets";

/** The words of Key Vault, also of its check of a name. */
export function vaultTaken(name: string): string {
  return `The vault name '${name}' is already in use. Vault names are globaly unique so it is possible that the name is already taken. If you are sure that the vault name was not taken then it is possible that a vault with the same name was recently deleted but not purged after being placed in a recoverable state. If the vault is in a recoverable state then the vault will need to be purged before reusing the name. For more information on soft delete and purging a vault follow this link https://go.microsoft.com/fwlink/?linkid=2147740.`;
}

/** Resource groups, identities, roles, vaults, logs: records with the properties that Azure adds. */
export const foundationBehaviours: readonly TypeBehaviour[] = [
  {
    type: "Microsoft.Resources/resourceGroups",
    coverage: {
      refused: {
        "POST exportTemplate": "",
        "POST moveResources": "",
      },
    },
    deletesLater: true,
    check({ name }) {
      if (!/^[\w.()-]{0,89}[\w()-]$/.test(name)) {
        throw new ArmError(
          400,
          "InvalidResourceGroup",
          `The resource group name '${name}' is invalid: 1 to 90 letters, digits, '_', '-', '.', '(' and ')', not ending with '.'.`,
        );
      }
    },
  },
  {
    type: "Microsoft.ManagedIdentity/userAssignedIdentities",
    coverage: {
      refused: {
        "POST listAssociatedResources": "",
      },
    },
    properties: ({ id }, { tenantId }) => ({
      tenantId,
      principalId: guidOf(id, "principal"),
      clientId: guidOf(id, "client"),
    }),
  },
  assignmentBehaviour,
  {
    type: "Microsoft.KeyVault/vaults",
    coverage: {
      gaps: {
        PUT: "secrets are read by roles alone: access policies and network rules have no effect",
      },
      refused: {
        "PUT accessPolicies": "",
      },
    },
    check({ name, existing, body }, cloud) {
      checkProtection({ existing, body });
      if (!/^[a-zA-Z](?!.*--)[a-zA-Z0-9-]{1,22}[a-zA-Z0-9]$/.test(name)) {
        throw new ArmError(
          400,
          "VaultNameNotValid",
          `The vault name '${name}' is invalid. A vault's name must be between 3-24 alphanumeric characters. The name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens.`,
        );
      }
      const taken = cloud.resources
        .listAll("Microsoft.KeyVault/vaults")
        .some((vault) => vault.name.toLowerCase() === name.toLowerCase() && vault.id !== existing?.id);
      if (taken) throw new ArmError(409, "VaultAlreadyExists", vaultTaken(name));
    },
    softDelete: {
      retentionDays: ({ properties }) => retentionDays(properties),
      keeps: ({ type }) => /\/secrets$/i.test(type),
      recoverBy: ["createMode", "recover"],
      globalName: true,
      taken: () =>
        new ArmError(
          409,
          "ConflictError",
          "A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft delete.",
        ),
    },
    properties: ({ body, existing, name }, cloud) => ({
      ...body.properties,
      ...protectionOf({ body, existing }),
      vaultUri: vaultUri(cloud, name),
    }),
  },
  {
    type: "Microsoft.KeyVault/vaults/secrets",
    check({ name }) {
      if (!/^[a-zA-Z0-9-]{1,127}$/.test(name))
        throw new ArmError(400, "BadParameter", `'${name}' is no valid secret name: 1 to 127 letters, digits and '-'.`);
    },
    async properties({ body, id, name, existing }, cloud) {
      // Resource Manager takes a secret's value and never answers it: it stands beside the record.
      const { value, ...rest } = { ...existing?.properties, ...body.properties } as {
        value?: string;
        contentType?: string;
      };
      const vault = /\/vaults\/([^/]+)/i.exec(id)?.[1] ?? "";
      const secretUri = `${vaultUri(cloud, vault)}secrets/${name}`;
      const version = guidOf(secretUri, String(value)).replaceAll("-", "");
      if (value !== undefined)
        await new VaultSecrets(cloud.store).put(existing?.id ?? id, version, { value, contentType: rest.contentType });
      const secretUriWithVersion =
        value === undefined && existing ? existing.properties.secretUriWithVersion : `${secretUri}/${version}`;
      return { ...rest, secretUri, secretUriWithVersion };
    },
    removed: ({ id }, cloud) => new VaultSecrets(cloud.store).remove(id),
  },
  {
    type: "Microsoft.OperationalInsights/workspaces",
    coverage: {
      gaps: {
        PUT: "a record: nothing runs behind it",
        DELETE: "gone at once: deleted ones cannot be recovered",
      },
      refused: {
        "POST sharedKeys": "",
        "POST regenerateSharedSecret": "",
        "POST purge": "",
      },
    },
    properties: ({ body, id, existing }, cloud) => ({
      ...body.properties,
      customerId: guidOf(id),
      createdDate: existing?.properties.createdDate ?? cloud.now().toISOString(),
    }),
  },
  {
    type: "Microsoft.Insights/components",
    coverage: {
      gaps: {
        PUT: "a record: nothing runs behind it",
      },
    },
    properties: ({ body, id, name }, { tenantId }) => {
      const key = guidOf(id, "key");
      return {
        ...body.properties,
        AppId: guidOf(id),
        ApplicationId: name,
        InstrumentationKey: key,
        ConnectionString: `InstrumentationKey=${key};ApplicationId=${guidOf(id)}`,
        TenantId: tenantId,
      };
    },
  },
];
