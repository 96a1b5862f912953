import * as pulumi from "@pulumi/pulumi";
import * as storage from "@pulumi/azure-native/storage";
import { grant, type BuiltInRole, type Grantee } from "./roles";

export interface ImageStorageArgs {
  resourceGroupName: pulumi.Input<string>;
  location: pulumi.Input<string>;
  /** 3 to 24 characters of [a-z0-9], unique over all of Azure. */
  accountName: pulumi.Input<string>;
  /** Whether the account is reached from public networks. @default "Enabled" */
  publicNetworkAccess?: "Enabled" | "Disabled";
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
  private readonly args: ImageStorageArgs;

  constructor(name: string, args: ImageStorageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("objectdetection:index:ImageStorage", name, {}, opts);
    this.args = args;
    const account = new storage.StorageAccount(
      `${name}-account`,
      {
        resourceGroupName: args.resourceGroupName,
        location: args.location,
        accountName: args.accountName,
        kind: storage.Kind.StorageV2,
        sku: { name: storage.SkuName.Standard_LRS },
        accessTier: storage.AccessTier.Hot,
        allowBlobPublicAccess: false,
        allowSharedKeyAccess: false,
        allowCrossTenantReplication: false,
        defaultToOAuthAuthentication: true,
        enableHttpsTrafficOnly: true,
        minimumTlsVersion: storage.MinimumTlsVersion.TLS1_2,
        publicNetworkAccess: args.publicNetworkAccess ?? "Enabled",
      },
      { parent: this },
    );
    this.id = account.id;
    this.accountName = account.name;
    this.blobEndpoint = account.primaryEndpoints.blob;
    this.registerOutputs({ id: this.id, accountName: this.accountName });
  }

  /** A private container of this account. */
  container(name: string, containerName: string, opts: pulumi.CustomResourceOptions): storage.BlobContainer {
    return new storage.BlobContainer(
      name,
      {
        resourceGroupName: this.args.resourceGroupName,
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
