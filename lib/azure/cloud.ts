import { UserError } from "../errors";

/** Where an Azure cloud answers: public Azure, a national cloud, or a local one. */
export interface AzureCloud {
  name: string;
  /** Base URL of Azure Resource Manager, without a trailing slash. */
  resourceManager: string;
  /** Base URL of Entra ID, without a trailing slash. */
  login: string;
  /** Scope to ask a token for, for Azure Resource Manager and the Azure ML data plane. */
  scope: string;
}

const namedClouds: Record<string, AzureCloud> = {
  public: namedCloud("public", "https://management.azure.com", "https://login.microsoftonline.com"),
  usgovernment: namedCloud("usgovernment", "https://management.usgovcloudapi.net", "https://login.microsoftonline.us"),
  china: namedCloud("china", "https://management.chinacloudapi.cn", "https://login.chinacloudapi.cn"),
};

/** The audience of Blob tokens is the same in every cloud. */
export const storageScope = "https://storage.azure.com/.default";

/**
 * Finds the cloud from the environment: the metadata document at ARM_CLOUD_METADATA_URL when that is set (one object or a
 * list, as Azure CLI takes it), else the cloud that ARM_ENVIRONMENT or AZURE_ENVIRONMENT names, else public Azure.
 * @throws UserError for an unknown name, or a document that cannot be read.
 */
export async function discoverCloud(environment: NodeJS.ProcessEnv = process.env): Promise<AzureCloud> {
  const metadataUrl = environment.ARM_CLOUD_METADATA_URL;
  if (metadataUrl) return readMetadata(metadataUrl);
  const name = environment.ARM_ENVIRONMENT ?? environment.AZURE_ENVIRONMENT ?? "public";
  const cloud = namedClouds[name.toLowerCase()];
  if (!cloud) {
    throw new UserError(
      `ARM_ENVIRONMENT is "${name}"; allowed are ${Object.keys(namedClouds).join(", ")}. ` +
        "Correct it, or set ARM_CLOUD_METADATA_URL to the metadata document of your cloud.",
    );
  }
  return cloud;
}

function namedCloud(name: string, resourceManager: string, login: string): AzureCloud {
  return { name, resourceManager, login, scope: `${resourceManager}/.default` };
}

interface MetadataDocument {
  name: string;
  resourceManager: string;
  authentication: { audiences: string[]; loginEndpoint: string };
}

async function readMetadata(url: string): Promise<AzureCloud> {
  let document: unknown;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(30_000) });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    document = await answer.json();
  } catch (error) {
    const cause = error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : "";
    throw new UserError(
      `The cloud metadata at ARM_CLOUD_METADATA_URL ("${url}") could not be read: ${cause}. ` +
        'Start that cloud (locally: "npm run local:start"), or unset the variable to use public Azure.',
    );
  }
  const entry = (Array.isArray(document) ? document[0] : document) as Partial<MetadataDocument> | undefined;
  const { audiences, loginEndpoint } = entry?.authentication ?? {};
  if (!entry?.resourceManager || !audiences?.[0] || !loginEndpoint) {
    throw new UserError(
      `The document at ARM_CLOUD_METADATA_URL ("${url}") names no resourceManager, audience and loginEndpoint.`,
    );
  }
  const withoutSlash = (address: string) => address.replace(/\/$/, "");
  return {
    name: entry.name ?? url,
    resourceManager: withoutSlash(entry.resourceManager),
    login: withoutSlash(loginEndpoint),
    scope: `${withoutSlash(audiences[0])}/.default`,
  };
}
