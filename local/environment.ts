import { dirname, join } from "node:path";

/** What the cloud calls itself in its metadata. */
export const cloudName = "LocalAzure";

/** What a client needs to know to talk to a running local cloud. Holds a secret: the identity header. */
export interface CloudRecord {
  pid: number;
  url: string;
  blobUrl: string;
  port: number;
  blobPort: number;
  caFile: string;
  identityHeader: string;
  subscriptionId: string;
  tenantId: string;
  location: string;
  startedAt: string;
  /** Hash of the code that it runs. */
  revision: string;
  /** Whether it has the admin endpoint. */
  admin: boolean;
}

/**
 * Environment variables with which any Azure client talks to the local cloud.
 * @param parent what the client inherits; its exceptions from a proxy are kept
 */
export function cloudEnvironment(record: CloudRecord, parent: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const { url, caFile, subscriptionId, tenantId } = record;
  const noProxy = [...new Set([...(parent.NO_PROXY ?? parent.no_proxy ?? "").split(","), "localhost", "127.0.0.1"])]
    .filter(Boolean)
    .join(",");
  return {
    ARM_ENDPOINT: url,
    ARM_CLOUD_METADATA_URL: `${url}/metadata/endpoints?api-version=2020-06-01`,
    // Clients of Azure ML look for no other cloud then.
    AZUREML_CURRENT_CLOUD: cloudName,
    ARM_METADATA_HOSTNAME: new URL(url).host,
    ARM_USE_MSI: "true",
    ARM_SUBSCRIPTION_ID: subscriptionId,
    ARM_TENANT_ID: tenantId,
    AZURE_SUBSCRIPTION_ID: subscriptionId,
    IDENTITY_ENDPOINT: `${url}/msi/token`,
    IDENTITY_HEADER: record.identityHeader,
    NODE_EXTRA_CA_CERTS: caFile,
    SSL_CERT_FILE: caFile,
    REQUESTS_CA_BUNDLE: caFile,
    // az finds this cloud by its metadata, asks no public authority about it, and leaves the user's own sign-in alone.
    AZURE_CLOUD_NAME: cloudName,
    AZURE_CORE_INSTANCE_DISCOVERY: "no",
    AZURE_CONFIG_DIR: join(dirname(caFile), "..", "az"),
    NO_PROXY: noProxy,
    no_proxy: noProxy,
  };
}

/** The environment without what points Azure clients elsewhere: a credential of the user's shell must not win. */
export function withoutAzure(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !/^(AZURE|AZUREML|ARM|IDENTITY|MSI|AZURITE)_/.test(name)),
  );
}
