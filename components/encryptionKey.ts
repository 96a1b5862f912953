import * as pulumi from "@pulumi/pulumi";
import { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity";
import { grant } from "./roles";

export interface EncryptionKeyArgs {
  resourceGroupName: pulumi.Input<string>;
  location: pulumi.Input<string>;
  /** Name of the identity that uses the key. */
  identityName: pulumi.Input<string>;
  /** ARM id of the key's vault, which is there already. */
  keyVaultId: string;
  /** Address of the key: `https://VAULT/keys/NAME/VERSION`. */
  keyId: string;
}

/** A key of one's own, and the identity by which services encrypt with it; the key's vault stays as it is. */
export class EncryptionKey extends pulumi.ComponentResource {
  readonly keyVaultId: string;
  /** Address of the key, with its version. */
  readonly keyId: string;
  /** Address of the key's vault. */
  readonly vaultUri: string;
  readonly keyName: string;
  /** ARM id of the identity, known once it may use the key. */
  readonly identityId: pulumi.Output<string>;
  readonly clientId: pulumi.Output<string>;

  constructor(name: string, args: EncryptionKeyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("objectdetection:index:EncryptionKey", name, {}, opts);
    const { resourceGroupName, location, identityName, keyVaultId, keyId } = args;
    const { origin, pathname } = new URL(keyId);
    this.keyVaultId = keyVaultId;
    this.keyId = keyId;
    this.vaultUri = origin;
    this.keyName = pathname.split("/")[2] ?? "";
    const identity = new UserAssignedIdentity(
      `${name}-identity`,
      { resourceGroupName, location, resourceName: identityName },
      { parent: this },
    );
    const mayUse = grant(
      `${name}-role`,
      "keyVaultCryptoServiceEncryptionUser",
      `${keyVaultId}/keys/${this.keyName}`,
      { principalId: identity.principalId, principalType: "ServicePrincipal" },
      { parent: this },
    );
    this.identityId = pulumi.all([identity.id, mayUse.id]).apply(([id]) => id);
    this.clientId = identity.clientId;
    this.registerOutputs({ identityId: this.identityId });
  }
}
