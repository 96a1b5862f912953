import * as pulumi from "@pulumi/pulumi";
import * as storage from "@pulumi/azure-native/storage";
import type { ProtectionConfig } from "../lib/environment/config";
import type { EncryptionKey } from "./encryptionKey";
import type { PrivateNetwork } from "./privateNetwork";
import { grant, type BuiltInRole, type Grantee } from "./roles";

export interface ImageStorageArgs {
  resourceGroupName: pulumi.Input<string>;
  location: pulumi.Input<string>;
  /** 3 to 24 characters of [a-z0-9], unique over all of Azure. */
  accountName: pulumi.Input<string>;
  /** ARM id of an account that is there already, in place of an own one. */
  existingId?: string;
  /** Where it has private addresses; public access is off then. */
  network?: PrivateNetwork;
  /** Key of one's own, in place of Microsoft's. */
  key?: EncryptionKey;
  /** @default one copy more in the same building, nothing kept of what is deleted */
  protection?: Pick<ProtectionConfig, "protect" | "redundancy" | "blobRetentionDays">;
}

/**
 * The storage account of the images, the data assets and the workspace's own files. Keys are switched off, no blob is
 * public, TLS is 1.2 or later: whoever reads or writes needs a role, see {@link ImageStorage.grant}.
 */
export class ImageStorage extends pulumi.ComponentResource {
  readonly id: pulumi.Output<string>;
  readonly accountName: pulumi.Output<string>;
  /** Address of the blobs, with a slash at its end. */
  readonly blobEndpoint: pulumi.Output<string>;
  /** What those who read or write blobs wait for. */
  readonly ready: pulumi.Resource[];
  private readonly resourceGroupName: pulumi.Output<string>;

  constructor(name: string, args: ImageStorageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("objectdetection:index:ImageStorage", name, {}, opts);
    const account =
      args.existingId === undefined
        ? this.create(name, args)
        : storage.StorageAccount.get(`${name}-account`, args.existingId, { parent: this });
    this.id = account.id;
    this.accountName = account.name;
    this.blobEndpoint = account.primaryEndpoints.blob;
    this.resourceGroupName = account.id.apply((id) => id.split("/")[4] ?? "");
    this.ready = (["blob", "file"] as const).flatMap(
      (service) => args.network?.connect(`${name}-${service}`, service, account.id, { parent: this }) ?? [],
    );
    this.registerOutputs({ id: this.id, accountName: this.accountName });
  }

  private create(name: string, { network, key, protection, ...args }: ImageStorageArgs): storage.StorageAccount {
    const account = new storage.StorageAccount(
      `${name}-account`,
      {
        resourceGroupName: args.resourceGroupName,
        location: args.location,
        accountName: args.accountName,
        kind: storage.Kind.StorageV2,
        sku: { name: `Standard_${protection?.redundancy ?? "LRS"}` },
        accessTier: storage.AccessTier.Hot,
        allowBlobPublicAccess: false,
        allowSharedKeyAccess: false,
        allowCrossTenantReplication: false,
        defaultToOAuthAuthentication: true,
        enableHttpsTrafficOnly: true,
        minimumTlsVersion: storage.MinimumTlsVersion.TLS1_2,
        publicNetworkAccess: network ? "Disabled" : "Enabled",
        ...(network && {
          networkRuleSet: { defaultAction: storage.DefaultAction.Deny, bypass: storage.Bypass.AzureServices },
        }),
        ...(key && {
          identity: { type: storage.IdentityType.UserAssigned, userAssignedIdentities: [key.identityId] },
          encryption: {
            keySource: storage.KeySource.Microsoft_Keyvault,
            // Without a version it follows the key's rotation.
            keyVaultProperties: { keyVaultUri: key.vaultUri, keyName: key.keyName },
            encryptionIdentity: { encryptionUserAssignedIdentity: key.identityId },
          },
        }),
      },
      { parent: this, protect: protection?.protect },
    );
    const days = protection?.blobRetentionDays ?? 0;
    if (days > 0)
      new storage.BlobServiceProperties(
        `${name}-retention`,
        {
          resourceGroupName: args.resourceGroupName,
          accountName: account.name,
          blobServicesName: "default",
          deleteRetentionPolicy: { enabled: true, days },
          containerDeleteRetentionPolicy: { enabled: true, days },
        },
        { parent: this },
      );
    return account;
  }

  /** A private container of this account. */
  container(name: string, containerName: string, opts: pulumi.CustomResourceOptions): storage.BlobContainer {
    return new storage.BlobContainer(
      name,
      {
        resourceGroupName: this.resourceGroupName,
        accountName: this.accountName,
        containerName,
        publicAccess: storage.PublicAccess.None,
      },
      opts,
    );
  }

  /** Lets an identity read, or read and write, the blobs of this account. */
  grant(
    name: string,
    role: Extract<BuiltInRole, "blobReader" | "blobContributor">,
    grantee: Grantee,
    opts: pulumi.CustomResourceOptions,
  ) {
    return grant(name, role, this.id, grantee, opts);
  }
}
