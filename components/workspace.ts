import * as pulumi from "@pulumi/pulumi";
import * as applicationinsights from "@pulumi/azure-native/applicationinsights";
import * as ml from "@pulumi/azure-native/machinelearningservices";
import type { NetworkConfig, ProtectionConfig } from "../lib/environment/config";
import { ManagedNetwork } from "../providers/managedNetwork/resource";
import type { ContainerRegistry } from "./containerRegistry";
import type { EncryptionKey } from "./encryptionKey";
import type { ImageStorage } from "./imageStorage";
import type { PrivateNetwork } from "./privateNetwork";
import { grant, type Grantee } from "./roles";
import { declareLogs, declarePurge, declareVault } from "./workspaceParts";
import { identitySettings, networkSettings, registrySettings } from "./workspaceSettings";

export interface WorkspaceArgs {
  /** ARM id of the resource group. */
  resourceGroupId: pulumi.Output<string>;
  location: pulumi.Input<string>;
  tenantId: pulumi.Input<string>;
  storage: ImageStorage;
  /** Registry of its images; without one Azure ML makes its own when it first builds an image. */
  registry?: ContainerRegistry;
  names: {
    workspace: pulumi.Input<string>;
    keyVault: pulumi.Input<string>;
    logAnalytics: pulumi.Input<string>;
    applicationInsights: pulumi.Input<string>;
  };
  /** ARM ids of what is there already, in place of own ones. */
  existing?: { keyVaultId?: string; logAnalyticsId?: string };
  /** Where workspace and vault have private addresses; public access is off then, and its machines have a network of their own. */
  network?: PrivateNetwork;
  /** What machines reach in the workspace's own network; with {@link network} only. */
  outbound?: Pick<NetworkConfig, "isolation" | "outbound">;
  /** Name of the compute that builds images where the registry is private. */
  imageBuildCompute?: string;
  /** Key of one's own, in place of Microsoft's. */
  key?: EncryptionKey;
  /** Days that Log Analytics keeps what it is sent. @default 30 */
  logRetentionDays?: number;
  protection?: ProtectionConfig;
  /** Whether workspace and vault can be recovered once deleted, or free their names at once. @default "keep" */
  onDestroy?: "keep" | "purge";
}

/** The Azure ML workspace with its vault and logs. Its datastores use identities, never account keys. */
export class Workspace extends pulumi.ComponentResource {
  readonly id: pulumi.Output<string>;
  readonly name: pulumi.Output<string>;
  readonly resourceGroupName: pulumi.Output<string>;
  readonly location: pulumi.Output<string>;
  readonly trackingUri: pulumi.Output<string>;
  readonly keyVaultId: pulumi.Output<string>;
  readonly logAnalyticsId: pulumi.Output<string>;
  /** Object id of the workspace's own identity. */
  readonly principalId: pulumi.Output<string>;
  /** What a resource inside the workspace depends on: the workspace, and its role on the storage account. */
  readonly ready: pulumi.Resource[];
  private readonly storage: ImageStorage;

  constructor(name: string, args: WorkspaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("objectdetection:index:Workspace", name, {}, opts);
    const { location, names, storage, network, protection, existing } = args;
    const child = { parent: this };
    const resourceGroupName = args.resourceGroupId.apply((id) => id.split("/")[4] ?? "");
    const place = { resourceGroupName, location };
    const freed = (part: string, type: string, resourceName: pulumi.Input<string>): pulumi.Resource[] =>
      args.onDestroy === "purge"
        ? [declarePurge(`${name}-${part}`, { group: args.resourceGroupId, type, resourceName, location }, this)]
        : [];

    const vault = declareVault(
      name,
      {
        ...place,
        vaultName: names.keyVault,
        tenantId: args.tenantId,
        existingId: existing?.keyVaultId,
        network,
        protection,
      },
      {
        parent: this,
        dependsOn: existing?.keyVaultId ? [] : freed("vault", "Microsoft.KeyVault/vaults", names.keyVault),
      },
    );
    const logs = declareLogs(
      name,
      {
        ...place,
        workspaceName: names.logAnalytics,
        existingId: existing?.logAnalyticsId,
        retentionDays: args.logRetentionDays ?? 30,
        protect: protection?.protect,
      },
      this,
    );
    const insights = new applicationinsights.Component(
      `${name}-insights`,
      {
        ...place,
        resourceName: names.applicationInsights,
        kind: "web",
        applicationType: applicationinsights.ApplicationType.Web,
        workspaceResourceId: logs.id,
      },
      child,
    );
    const workspace = new ml.Workspace(
      `${name}-workspace`,
      {
        ...place,
        workspaceName: names.workspace,
        storageAccount: storage.id,
        keyVault: vault.id,
        applicationInsights: insights.id,
        systemDatastoresAuthMode: "Identity",
        v1LegacyMode: false,
        ...registrySettings(args),
        ...networkSettings(args),
        ...identitySettings(args),
      },
      {
        ...child,
        dependsOn: freed("workspace", "Microsoft.MachineLearningServices/workspaces", names.workspace),
        // It changes when the network is provisioned, which no property asks for.
        ignoreChanges: ["managedNetwork.status"],
        protect: protection?.protect,
      },
    );
    const principalId = workspace.identity.apply((identity) => identity?.principalId ?? "");
    const identity = { principalId, principalType: "ServicePrincipal" } as const;
    const roles = [
      storage.grant(`${name}-storage-role`, "blobContributor", identity, child),
      grant(`${name}-vault-role`, "keyVaultSecretsOfficer", vault.id, identity, child),
      ...(args.registry ? [args.registry.grant(`${name}-registry-role`, "acrPush", identity, child)] : []),
    ];

    this.storage = storage;
    this.id = workspace.id;
    this.name = workspace.name;
    this.resourceGroupName = resourceGroupName;
    this.logAnalyticsId = logs.id;
    this.location = pulumi.output(location);
    this.trackingUri = workspace.mlFlowTrackingUri;
    this.keyVaultId = vault.id;
    this.principalId = principalId;
    this.ready = [workspace, ...roles, ...(network ? this.enclose(name, args, network, identity) : [])];
    this.registerOutputs({ id: this.id, name: this.name, trackingUri: this.trackingUri });
  }

  /** Lets identities read the registered models, their lineage and their files, for stacks that take the champion from here. */
  grantModels(name: string, principals: readonly string[]): void {
    for (const principalId of principals) {
      const child = { parent: this };
      const reader = { principalId, principalType: "ServicePrincipal" } as const;
      grant(`${name}-${principalId}`, "reader", this.id, reader, child);
      this.storage.grant(`${name}-files-${principalId}`, "blobReader", reader, child);
    }
  }

  /** Private addresses of workspace and vault, and the network of its machines, which leads to storage, vault and registry. */
  private enclose(
    name: string,
    { storage, registry, outbound }: WorkspaceArgs,
    network: PrivateNetwork,
    identity: Grantee,
  ): pulumi.Resource[] {
    const child = { parent: this };
    const approves = (part: string, scope: pulumi.Input<string>) =>
      grant(`${name}-${part}-approver-role`, "networkConnectionApprover", scope, identity, child);
    const approvals = [
      approves("storage", storage.id),
      approves("vault", this.keyVaultId),
      ...(registry ? [approves("registry", registry.id)] : []),
    ];
    const rules = (outbound?.isolation === "AllowOnlyApprovedOutbound" ? outbound.outbound : []).map(
      (destination) =>
        new ml.ManagedNetworkSettingsRule(
          `${name}-outbound-${destination}`,
          {
            ...this.placement,
            ruleName: destination.replace("*", "any").replace(/[^a-zA-Z0-9-]/g, "-"),
            properties: { type: "FQDN", category: "UserDefined", destination },
          },
          child,
        ),
    );
    const managed = new ManagedNetwork(
      `${name}-managed-network`,
      { workspaceId: this.id },
      { ...child, dependsOn: [...approvals, ...rules] },
    );
    return [
      ...network.connect(`${name}-vault`, "vault", this.keyVaultId, child),
      ...network.connect(`${name}-workspace`, "workspace", this.id, child),
      managed,
    ];
  }

  /** The arguments that place a resource of azure-native in this workspace. */
  get placement(): { resourceGroupName: pulumi.Output<string>; workspaceName: pulumi.Output<string> } {
    return { resourceGroupName: this.resourceGroupName, workspaceName: this.name };
  }
}
