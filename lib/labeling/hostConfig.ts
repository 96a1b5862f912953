import { z } from "zod";
import { armId, count, decimal } from "../configValues";
import { databaseSizes, highAvailabilities, type DatabaseSize } from "./databaseSizes";

/** An image that no one can change under its name. */
function pinnedImage() {
  return z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9.:-]*(\/[\w.-]+)+@sha256:[0-9a-f]{64}$/,
      "REGISTRY/NAME@sha256:DIGEST, since whoever has the registry can move a tag",
    );
}

/** Sizes of a container that the consumption plan has: https://learn.microsoft.com/azure/container-apps/containers#allocations */
const cores = decimal(
  z.union(
    [0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4].map((value) => z.literal(value)),
    "0.5 to 4, in halves",
  ),
);

const storageGb = z.union(
  [32, 64, 128, 256, 512, 1024, 2048, 4096].map((value) => z.literal(value)),
  "32, 64, 128, 256, 512, 1024, 2048 or 4096",
);

/** The Label Studio that the stack runs on Azure. */
export const hostSchema = z.strictObject({
  /**
   * Image of Label Studio, by its digest; docs/labeling.md tells how to find it.
   * @example docker.io/heartexlabs/label-studio@sha256:0000000000000000000000000000000000000000000000000000000000000000
   */
  image: pinnedImage(),
  /**
   * Image of Node.js for the image gateway, by its digest: version 20.19 or later.
   * @example docker.io/library/node@sha256:0000000000000000000000000000000000000000000000000000000000000000
   */
  gatewayImage: pinnedImage(),
  /** Application of Entra ID by which people, and who deploys, sign in. */
  entra: z.strictObject({
    /**
     * Its application (client) id.
     * @example 00000000-0000-0000-0000-000000000003
     */
    clientId: z.guid("an application id (a GUID)"),
    /**
     * ARM id of the Key Vault secret with its client secret; the vault is there already, and has role-based access.
     * @example /subscriptions/S/resourceGroups/G/providers/Microsoft.KeyVault/vaults/kv-apps/secrets/labels
     */
    clientSecretId: armId("Microsoft.KeyVault/vaults/secrets"),
  }),
  /** Addresses of the containers, beside network.addressSpace: 32 or more, which nothing else has. */
  addressSpace: z
    .cidrv4("an IPv4 range such as 10.60.0.0/26")
    .refine((range) => Number(range.split("/")[1]) <= 27, "a range of 32 addresses or more, such as 10.60.0.0/26")
    .default("10.60.0.0/26"),
  /**
   * With network.subnetId: subnet of the containers in that network, delegated to Microsoft.App/environments.
   * @example /subscriptions/S/resourceGroups/G/providers/Microsoft.Network/virtualNetworks/V/subnets/apps
   */
  subnetId: armId("Microsoft.Network/virtualNetworks/subnets").optional(),
  /** Cores of Label Studio, 0.5 to 4 in halves, with two GiB of memory for each. */
  cores: cores.default(1),
  /** Replicas of Label Studio at most; one is always there. */
  maxReplicas: count.max(10).default(1),
  /** Label Studio's database, an Azure Database for PostgreSQL flexible server. */
  database: z
    .strictObject({
      /** Size of the server; Standard_B1ms and Standard_B2s have no standby. */
      size: z.enum(Object.keys(databaseSizes) as [DatabaseSize, ...DatabaseSize[]]).default("Standard_B1ms"),
      /** GiB, which Azure lets only grow. */
      storageGb: storageGb.default(32),
      /** Days that any moment can be restored. */
      backupDays: z.number().int().min(7).max(35).default(7),
      /** Whether backups lie in the paired region as well. Azure lets nobody change it later. */
      geoBackup: z.boolean().default(false),
      /** A standby in the same zone, in another one, or none. */
      highAvailability: z.enum(highAvailabilities).default("none"),
    })
    .refine(({ size, highAvailability }) => highAvailability === "none" || databaseSizes[size].tier !== "Burstable", {
      path: ["highAvailability"],
      message: "Azure has no standby for burstable sizes: take a larger labeling.azure.database.size, or none",
    })
    .prefault({}),
});

export type HostConfig = z.output<typeof hostSchema>;
