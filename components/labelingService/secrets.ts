import * as pulumi from "@pulumi/pulumi";
import { Secret } from "@pulumi/azure-native/keyvault/secret";
import { Vault } from "@pulumi/azure-native/keyvault/vault";
import { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity";
import { GeneratedSecret } from "../../providers/generatedSecret/resource";
import type { SecretForm } from "../../lib/secretForms";
import { grant } from "../roles";

/** A secret of a vault. */
export interface VaultSecret {
  /** ARM id. */
  id: pulumi.Output<string>;
  /** Address in the vault, without a version: who reads it gets the current one. */
  uri: pulumi.Output<string>;
}

/** A secret that is made once, and lies in the vault. */
export interface OwnSecret extends VaultSecret {
  /** A secret output. */
  value: pulumi.Output<string>;
}

/** Makes a secret and puts it into a vault. */
export function declareSecret(
  name: string,
  form: SecretForm,
  { vaultId, secretName }: { vaultId: pulumi.Input<string>; secretName: string },
  opts: pulumi.CustomResourceOptions,
): OwnSecret {
  const { value } = new GeneratedSecret(name, { form }, opts);
  const vault = pulumi.output(vaultId).apply((id) => id.split("/"));
  const stored = new Secret(
    `${name}-secret`,
    {
      resourceGroupName: vault.apply((parts) => parts[4] ?? ""),
      vaultName: vault.apply((parts) => parts.at(-1) ?? ""),
      secretName,
      properties: { value, contentType: "text/plain" },
    },
    opts,
  );
  return { id: stored.id, uri: stored.properties.secretUri, value };
}

/** A secret that is in a vault already. */
export function existingSecret(name: string, id: string, opts: pulumi.CustomResourceOptions): VaultSecret {
  const [vaultId = "", secretName = ""] = id.split(/\/secrets\//i);
  const { properties } = Vault.get(`${name}-vault`, vaultId, opts);
  return {
    id: pulumi.output(id),
    uri: properties.apply(({ vaultUri = "" }) => `${vaultUri.replace(/\/?$/, "/")}secrets/${secretName}`),
  };
}

/** What a container runs as, which may read its own secrets alone. */
export interface ContainerIdentity {
  /** ARM id. */
  id: pulumi.Output<string>;
  clientId: pulumi.Output<string>;
  principalId: pulumi.Output<string>;
  /** Its roles: Azure reads the secrets when the container app is written. */
  ready: pulumi.Resource[];
}

export function declareIdentity(
  name: string,
  place: {
    resourceGroupName: pulumi.Input<string>;
    location: pulumi.Input<string>;
    resourceName: pulumi.Input<string>;
  },
  secrets: Readonly<Record<string, VaultSecret>>,
  opts: pulumi.CustomResourceOptions,
): ContainerIdentity {
  const { id, clientId, principalId } = new UserAssignedIdentity(`${name}-identity`, place, opts);
  const reader = { principalId, principalType: "ServicePrincipal" } as const;
  const ready = Object.entries(secrets).map(([secret, { id: scope }]) =>
    grant(`${name}-${secret}-role`, "keyVaultSecretsUser", scope, reader, opts),
  );
  return { id, clientId, principalId, ready };
}
