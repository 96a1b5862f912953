import { z } from "zod";
import { armId, count, positive } from "../configValues";
import { cronProblem } from "./cron";

const zoneId = armId("Microsoft.Network/privateDnsZones");

/** How the stack is reached, and what its machines reach. */
export const networkSchema = z.strictObject({
  /** Over public addresses, or over private endpoints in a virtual network alone; then `up` has to run in that network. */
  access: z.enum(["public", "private"]).default("public"),
  /** Addresses of the virtual network that is made: with private access, and for the database of labeling.host "azure". */
  addressSpace: z.cidrv4("an IPv4 range such as 10.40.0.0/24").default("10.40.0.0/24"),
  /**
   * Subnet of the private endpoints, in place of a network of its own.
   * @example /subscriptions/S/resourceGroups/G/providers/Microsoft.Network/virtualNetworks/V/subnets/endpoints
   */
  subnetId: armId("Microsoft.Network/virtualNetworks/subnets").optional(),
  /** Private DNS zones that are there already, by what they resolve; the others are made and linked. */
  dnsZones: z
    .strictObject({
      /**
       * Blobs: privatelink.blob.core.windows.net.
       * @example /subscriptions/S/resourceGroups/G/providers/Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net
       */
      blob: zoneId.optional(),
      /**
       * File shares: privatelink.file.core.windows.net.
       * @example /subscriptions/S/resourceGroups/G/providers/Microsoft.Network/privateDnsZones/privatelink.file.core.windows.net
       */
      file: zoneId.optional(),
      /**
       * Key Vault: privatelink.vaultcore.azure.net.
       * @example /subscriptions/S/resourceGroups/G/providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net
       */
      vault: zoneId.optional(),
      /**
       * The workspace: privatelink.api.azureml.ms.
       * @example /subscriptions/S/resourceGroups/G/providers/Microsoft.Network/privateDnsZones/privatelink.api.azureml.ms
       */
      workspace: zoneId.optional(),
      /**
       * Its notebooks: privatelink.notebooks.azure.net.
       * @example /subscriptions/S/resourceGroups/G/providers/Microsoft.Network/privateDnsZones/privatelink.notebooks.azure.net
       */
      notebooks: zoneId.optional(),
      /**
       * The container registry: privatelink.azurecr.io.
       * @example /subscriptions/S/resourceGroups/G/providers/Microsoft.Network/privateDnsZones/privatelink.azurecr.io
       */
      registry: zoneId.optional(),
      /**
       * The database of labeling.host "azure": privatelink.postgres.database.azure.com.
       * @example /subscriptions/S/resourceGroups/G/providers/Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com
       */
      postgres: zoneId.optional(),
    })
    .prefault({}),
  /** With private access: what training and managed endpoints reach in the workspace's managed network. */
  isolation: z.enum(["AllowInternetOutbound", "AllowOnlyApprovedOutbound"]).default("AllowInternetOutbound"),
  /**
   * With AllowOnlyApprovedOutbound: names that are reached beside what Azure ML itself needs.
   * @example ["pypi.org","*.conda.io"]
   */
  outbound: z
    .array(z.string().regex(/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+$/i, "a domain name, such as pypi.org"))
    .default([]),
});

/** A key of one's own for what is stored. */
export const encryptionSchema = z.strictObject({
  /**
   * Vault of the key, with purge protection.
   * @example /subscriptions/S/resourceGroups/G/providers/Microsoft.KeyVault/vaults/kv-keys
   */
  keyVaultId: armId("Microsoft.KeyVault/vaults"),
  /**
   * Address of the key, with its version.
   * @example https://kv-keys.vault.azure.net/keys/objdet/0123456789abcdef0123456789abcdef
   */
  keyId: z.string().regex(/^https:\/\/[^/]+\/keys\/[^/]+\/[^/]+$/, "https://VAULT/keys/NAME/VERSION"),
});

/** What is watched, and who is told. */
export const monitoringSchema = z.strictObject({
  /** Logs and metrics of workspace, vault, storage and registry to Log Analytics. */
  diagnostics: z.boolean().default(false),
  /** Days that Log Analytics keeps them. */
  retentionDays: z.number().int().min(30).max(730).default(30),
  /**
   * Who is told by alerts on failed requests and jobs, on unavailable storage and vault, and of the budget; none makes no alert.
   * @example ["ml-platform@example.com"]
   */
  emails: z.array(z.email("an email address")).default([]),
  /**
   * USD a month of the resource group; told at 80 % spent and when 100 % is foreseen.
   * @example 2000
   */
  monthlyBudget: positive.optional(),
});

/** What keeps data from being lost. */
export const protectionSchema = z.strictObject({
  /**
   * Pulumi refuses to delete or replace storage, vault, registry, logs, workspace and endpoint: "pulumi state unprotect" comes
   * first.
   */
  protect: z.boolean().default(false),
  /**
   * Azure refuses to delete storage, vault, registry and logs, and what belongs to them, whoever asks. The workspace has no
   * lock: nodes and deployments come and go in it.
   */
  locks: z.boolean().default(false),
  /** Copies of the blobs: in one building, in three zones of the region, or in another region as well. */
  redundancy: z.enum(["LRS", "ZRS", "GRS", "GZRS"]).default("LRS"),
  /** Days that deleted blobs and containers can be brought back; 0 for not at all. */
  blobRetentionDays: z.number().int().min(0).max(365).default(0),
  /** Days that a deleted vault can be brought back. Azure lets nobody change it later. */
  vaultRetentionDays: z.number().int().min(7).max(90).default(7),
  /** Nobody can purge the deleted vault before its days are over. Azure lets nobody switch it off again. */
  vaultPurgeProtection: z.boolean().default(false),
});

/** What is there already and is used in place of an own one; it is neither changed nor deleted. */
export const existingSchema = z.strictObject({
  /**
   * Resource group of everything.
   * @example /subscriptions/S/resourceGroups/G
   */
  resourceGroupId: z
    .string()
    .regex(/^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+$/i, "/subscriptions/S/resourceGroups/G")
    .optional(),
  /**
   * Storage account, without keys; who deploys has Storage Blob Data Contributor on it already.
   * @example /subscriptions/S/resourceGroups/G/providers/Microsoft.Storage/storageAccounts/stimages
   */
  storageAccountId: armId("Microsoft.Storage/storageAccounts").optional(),
  /**
   * Key Vault, which needs role-based access.
   * @example /subscriptions/S/resourceGroups/G/providers/Microsoft.KeyVault/vaults/kv-ml
   */
  keyVaultId: armId("Microsoft.KeyVault/vaults").optional(),
  /**
   * Container registry of the workspace; Premium where access is private.
   * @example /subscriptions/S/resourceGroups/G/providers/Microsoft.ContainerRegistry/registries/crml
   */
  containerRegistryId: armId("Microsoft.ContainerRegistry/registries").optional(),
  /**
   * Log Analytics workspace.
   * @example /subscriptions/S/resourceGroups/G/providers/Microsoft.OperationalInsights/workspaces/log-central
   */
  logAnalyticsId: armId("Microsoft.OperationalInsights/workspaces").optional(),
});

/** When jobs are submitted beside those of `up`. */
export const scheduleSchema = z.strictObject({
  /**
   * Five fields of cron: minute, hour, day of the month, month, day of the week.
   * @example 0 3 * * 1
   */
  cron: z.string().superRefine((text, context) => {
    const problem = cronProblem(text);
    if (problem) context.addIssue({ code: "custom", message: problem });
  }),
  /** Time zone of the expression, by its name in Windows. */
  timeZone: z.string().min(1).default("UTC"),
  /** False keeps the schedule and submits nothing. */
  enabled: z.boolean().default(true),
  /** Scheduled jobs that the gate looks at, the latest ones. */
  candidates: count.max(50).default(10),
});

export type NetworkConfig = z.output<typeof networkSchema>;
export type EncryptionConfig = z.output<typeof encryptionSchema>;
export type MonitoringConfig = z.output<typeof monitoringSchema>;
export type ProtectionConfig = z.output<typeof protectionSchema>;
export type ExistingConfig = z.output<typeof existingSchema>;
export type ScheduleConfig = z.output<typeof scheduleSchema>;
