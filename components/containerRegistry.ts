import * as pulumi from "@pulumi/pulumi";
import { Registry } from "@pulumi/azure-native/containerregistry/registry";
import type { EncryptionKey } from "./encryptionKey";
import type { PrivateNetwork } from "./privateNetwork";
import { grant, type Grantee } from "./roles";

export interface ContainerRegistryArgs {
  resourceGroupName: pulumi.Input<string>;
  location: pulumi.Input<string>;
  /** 5 to 50 letters and digits, unique over all of Azure. */
  registryName: pulumi.Input<string>;
  /** ARM id of a registry that is there already, in place of an own one. */
  existingId?: string;
  /** Where it has a private address; public access is off then. */
  network?: PrivateNetwork;
  /** Key of one's own, in place of Microsoft's. */
  key?: EncryptionKey;
  /** Whether Pulumi refuses to delete it. @default false */
  protect?: boolean;
}

/** The registry of the workspace's images: no administrator's password, whoever pulls or pushes needs a role. */
export class ContainerRegistry extends pulumi.ComponentResource {
  readonly id: pulumi.Output<string>;
  /** What its users wait for. */
  readonly ready: pulumi.Resource[];

  constructor(name: string, args: ContainerRegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("objectdetection:index:ContainerRegistry", name, {}, opts);
    const registry =
      args.existingId === undefined
        ? this.create(name, args)
        : Registry.get(`${name}-registry`, args.existingId, { parent: this });
    this.id = registry.id;
    this.ready = [registry, ...(args.network?.connect(name, "registry", registry.id, { parent: this }) ?? [])];
    this.registerOutputs({ id: this.id });
  }

  /** Lets an identity pull, or pull and push, the images of this registry. */
  grant(name: string, role: "acrPull" | "acrPush", grantee: Grantee, opts: pulumi.CustomResourceOptions) {
    return grant(name, role, this.id, grantee, opts);
  }

  private create(name: string, { network, key, ...args }: ContainerRegistryArgs): Registry {
    return new Registry(
      `${name}-registry`,
      {
        resourceGroupName: args.resourceGroupName,
        location: args.location,
        registryName: args.registryName,
        // Private endpoints and keys of one's own are for Premium alone.
        sku: { name: network || key ? "Premium" : "Standard" },
        adminUserEnabled: false,
        anonymousPullEnabled: false,
        publicNetworkAccess: network ? "Disabled" : "Enabled",
        networkRuleBypassOptions: "AzureServices",
        ...(key && {
          identity: {
            type: "UserAssigned" as const,
            userAssignedIdentities: key.identityId.apply((id) => ({ [id]: {} })),
          },
          encryption: {
            status: "enabled",
            keyVaultProperties: { keyIdentifier: key.keyId, identity: key.clientId },
          },
        }),
      },
      { parent: this, protect: args.protect },
    );
  }
}
