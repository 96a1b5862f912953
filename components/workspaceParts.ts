import * as pulumi from "@pulumi/pulumi";
import * as keyvault from "@pulumi/azure-native/keyvault";
import * as operationalinsights from "@pulumi/azure-native/operationalinsights";
import type { ProtectionConfig } from "../lib/environment/config";
import { Purge } from "../providers/purge/resource";
import type { PrivateNetwork } from "./privateNetwork";

interface Place {
  resourceGroupName: pulumi.Input<string>;
  location: pulumi.Input<string>;
}

export interface VaultArgs extends Place {
  vaultName: pulumi.Input<string>;
  tenantId: pulumi.Input<string>;
  /** ARM id of a vault that is there already, in place of an own one. */
  existingId?: string;
  network?: PrivateNetwork;
  /** @default seven days, and no protection from a purge */
  protection?: Pick<ProtectionConfig, "protect" | "vaultRetentionDays" | "vaultPurgeProtection">;
}

/** The vault of the workspace's secrets, by roles alone. */
export function declareVault(
  name: string,
  { existingId, network, protection, ...args }: VaultArgs,
  { dependsOn, parent }: { dependsOn: pulumi.Resource[]; parent: pulumi.Resource },
): keyvault.Vault {
  if (existingId !== undefined) return keyvault.Vault.get(`${name}-vault`, existingId, { parent });
  return new keyvault.Vault(
    `${name}-vault`,
    {
      resourceGroupName: args.resourceGroupName,
      location: args.location,
      vaultName: args.vaultName,
      properties: {
        tenantId: args.tenantId,
        sku: { family: keyvault.SkuFamily.A, name: keyvault.SkuName.Standard },
        enableRbacAuthorization: true,
        enableSoftDelete: true,
        softDeleteRetentionInDays: protection?.vaultRetentionDays ?? 7,
        // False is refused by Azure: it is on, or not said.
        ...(protection?.vaultPurgeProtection && { enablePurgeProtection: true }),
        publicNetworkAccess: network ? "Disabled" : "Enabled",
        ...(network && { networkAcls: { defaultAction: "Deny", bypass: "AzureServices" } }),
      },
    },
    { parent, dependsOn, protect: protection?.protect },
  );
}

export interface LogsArgs extends Place {
  workspaceName: pulumi.Input<string>;
  /** ARM id of a Log Analytics workspace that is there already, in place of an own one. */
  existingId?: string;
  retentionDays: number;
  protect?: boolean;
}

/** Where logs and metrics go. */
export function declareLogs(
  name: string,
  { existingId, retentionDays, protect, ...args }: LogsArgs,
  parent: pulumi.Resource,
): operationalinsights.Workspace {
  if (existingId !== undefined) return operationalinsights.Workspace.get(`${name}-logs`, existingId, { parent });
  return new operationalinsights.Workspace(
    `${name}-logs`,
    { ...args, sku: { name: "PerGB2018" }, retentionInDays: retentionDays },
    { parent, protect },
  );
}

/** Frees the name of a deleted resource once the stack is destroyed; what is made waits for the one before to be gone. */
export function declarePurge(
  name: string,
  {
    group,
    type,
    resourceName,
    location,
  }: {
    /** ARM id of the resource group. */
    group: pulumi.Output<string>;
    type: string;
    resourceName: pulumi.Input<string>;
    location: pulumi.Input<string>;
  },
  parent: pulumi.Resource,
): Purge {
  const resourceId = pulumi.interpolate`${group}/providers/${type}/${resourceName}`;
  return new Purge(`${name}-purge`, { resourceId, location }, { parent });
}
