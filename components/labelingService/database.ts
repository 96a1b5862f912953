import * as pulumi from "@pulumi/pulumi";
import { Configuration } from "@pulumi/azure-native/dbforpostgresql/configuration";
import { Database } from "@pulumi/azure-native/dbforpostgresql/database";
import { Server } from "@pulumi/azure-native/dbforpostgresql/server";
import { databaseSizes } from "../../lib/labeling/databaseSizes";
import type { HostConfig } from "../../lib/labeling/hostConfig";
import type { PrivateNetwork } from "../privateNetwork";

export interface LabelingDatabaseArgs {
  resourceGroupName: pulumi.Input<string>;
  location: pulumi.Input<string>;
  serverName: pulumi.Input<string>;
  /** Where it has a private address, its only one. */
  network: PrivateNetwork;
  settings: HostConfig["database"];
  password: pulumi.Output<string>;
  /** Whether Pulumi refuses to delete it. */
  protect: boolean;
}

/** Label Studio's login and database. */
export const [login, databaseName] = ["labelstudio", "labelstudio"];

/** Settings of the server, one after the other: it takes one at a time. */
const configurations = {
  require_secure_transport: "on",
  ssl_min_protocol_version: "TLSv1.2",
  // Label Studio's migrations make them, and Azure lets in what is named here alone.
  "azure.extensions": "PG_TRGM,BTREE_GIN",
};

const modes = { none: "Disabled", sameZone: "SameZone", zoneRedundant: "ZoneRedundant" } as const;

/** Label Studio's PostgreSQL server, reached over a private address and TLS alone. */
export function declareDatabase(
  name: string,
  { network, settings, password, protect, ...args }: LabelingDatabaseArgs,
  parent: pulumi.Resource,
): { id: pulumi.Output<string>; host: pulumi.Output<string>; ready: pulumi.Resource[] } {
  const { resourceGroupName } = args;
  const { size, storageGb, backupDays, geoBackup, highAvailability } = settings;
  const server = new Server(
    `${name}-server`,
    {
      ...args,
      version: "16",
      sku: { name: size, tier: databaseSizes[size].tier },
      administratorLogin: login,
      administratorLoginPassword: password,
      authConfig: { activeDirectoryAuth: "Disabled", passwordAuth: "Enabled" },
      storage: { storageSizeGB: storageGb, autoGrow: "Enabled" },
      backup: { backupRetentionDays: backupDays, geoRedundantBackup: geoBackup ? "Enabled" : "Disabled" },
      highAvailability: { mode: modes[highAvailability] },
      network: { publicNetworkAccess: "Disabled" },
    },
    // It grows by itself.
    { parent, protect, ignoreChanges: ["storage.storageSizeGB"] },
  );
  const ready: pulumi.Resource[] = [server];
  const next = () => ({ parent, dependsOn: [...ready] });
  for (const [configurationName, value] of Object.entries(configurations))
    ready.push(
      new Configuration(
        `${name}-${configurationName}`,
        { resourceGroupName, serverName: server.name, configurationName, value, source: "user-override" },
        next(),
      ),
    );
  ready.push(
    new Database(
      `${name}-database`,
      { resourceGroupName, serverName: server.name, databaseName, charset: "UTF8", collation: "en_US.utf8" },
      { ...next(), protect },
    ),
  );
  return {
    id: server.id,
    host: server.fullyQualifiedDomainName,
    ready: [...ready, ...network.connect(name, "postgres", server.id, next())],
  };
}
