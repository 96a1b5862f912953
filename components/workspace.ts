import * as pulumi from "@pulumi/pulumi";
import * as applicationinsights from "@pulumi/azure-native/applicationinsights";
import * as keyvault from "@pulumi/azure-native/keyvault";
import * as ml from "@pulumi/azure-native/machinelearningservices";
import * as operationalinsights from "@pulumi/azure-native/operationalinsights";
import { Purge } from "../providers/purge/resource";
import type { ImageStorage } from "./imageStorage";
import { grant } from "./roles";

export interface WorkspaceArgs {
  resourceGroupName: pulumi.Input<string>;
  location: pulumi.Input<string>;
  tenantId: pulumi.Input<string>;
  storage: ImageStorage;
  names: {
    workspace: pulumi.Input<string>;
    keyVault: pulumi.Input<string>;
    logAnalytics: pulumi.Input<string>;
    applicationInsights: pulumi.Input<string>;
  };
  /** Whether the workspace is reached from public networks. @default "Enabled" */
  publicNetworkAccess?: "Enabled" | "Disabled";
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

  constructor(name: string, args: WorkspaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("objectdetection:index:Workspace", name, {}, opts);
    const { resourceGroupName, location, names } = args;
    const child = { parent: this };

    const freed = (part: string, type: string, resourceName: pulumi.Input<string>): pulumi.Resource[] => {
      if (args.onDestroy !== "purge") return [];
      const group = args.storage.id.apply((id) => id.split("/").slice(0, 5).join("/"));
      const resourceId = pulumi.interpolate`${group}/providers/${type}/${resourceName}`;
      return [new Purge(`${name}-${part}-purge`, { resourceId, location }, child)];
    };

    const vault = new keyvault.Vault(
      `${name}-vault`,
      {
        resourceGroupName,
        location,
        vaultName: names.keyVault,
        properties: {
          tenantId: args.tenantId,
          sku: { family: keyvault.SkuFamily.A, name: keyvault.SkuName.Standard },
          enableRbacAuthorization: true,
          enableSoftDelete: true,
          softDeleteRetentionInDays: 7,
          publicNetworkAccess: args.publicNetworkAccess ?? "Enabled",
        },
      },
      { ...child, dependsOn: freed("vault", "Microsoft.KeyVault/vaults", names.keyVault) },
    );
    const logs = new operationalinsights.Workspace(
      `${name}-logs`,
      {
        resourceGroupName,
        location,
        workspaceName: names.logAnalytics,
        sku: { name: "PerGB2018" },
        retentionInDays: 30,
      },
      child,
    );
    const insights = new applicationinsights.Component(
      `${name}-insights`,
      {
        resourceGroupName,
        location,
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
        resourceGroupName,
        location,
        workspaceName: names.workspace,
        identity: { type: ml.ManagedServiceIdentityType.SystemAssigned },
        storageAccount: args.storage.id,
        keyVault: vault.id,
        applicationInsights: insights.id,
        systemDatastoresAuthMode: "Identity",
        v1LegacyMode: false,
        publicNetworkAccess: args.publicNetworkAccess ?? "Enabled",
      },
      { ...child, dependsOn: freed("workspace", "Microsoft.MachineLearningServices/workspaces", names.workspace) },
    );
    const principalId = workspace.identity.apply((identity) => identity?.principalId ?? "");
    const identity = { principalId, principalType: "ServicePrincipal" } as const;
    const storageRole = args.storage.grant(`${name}-storage-role`, "blobContributor", identity, child);
    const vaultRole = grant(`${name}-vault-role`, "keyVaultSecretsOfficer", vault.id, identity, child);

    this.id = workspace.id;
    this.name = workspace.name;
    this.resourceGroupName = pulumi.output(resourceGroupName);
    this.logAnalyticsId = logs.id;
    this.location = pulumi.output(location);
    this.trackingUri = workspace.mlFlowTrackingUri;
    this.keyVaultId = vault.id;
    this.principalId = principalId;
    this.ready = [workspace, storageRole, vaultRole];
    this.registerOutputs({ id: this.id, name: this.name, trackingUri: this.trackingUri });
  }

  /** The arguments that place a resource of azure-native in this workspace. */
  get placement(): { resourceGroupName: pulumi.Output<string>; workspaceName: pulumi.Output<string> } {
    return { resourceGroupName: this.resourceGroupName, workspaceName: this.name };
  }
}
