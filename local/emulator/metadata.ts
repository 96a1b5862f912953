import type { FastifyInstance } from "fastify";
import { cloudName } from "../environment";
import type { Cloud } from "./contracts";

/**
 * The cloud metadata document, by which clients find this cloud's endpoints. Newer clients want an object, older ones a
 * list; the api-version tells them apart.
 */
export function metadataRoutes(server: FastifyInstance, cloud: Cloud): void {
  server.get<{ Querystring: Record<string, string> }>(
    "/metadata/endpoints",
    { config: { public: true } },
    async (request) => {
      const document = endpointsOf(cloud);
      const version = request.query["api-version"] ?? "";
      if (version >= "2022-09-01") return document;
      const storage = storageSuffix(cloud, request.query.storageAccount);
      return [
        {
          ...document,
          // azureml-mlflow hands what stands here on without its scheme, and "localhost:" would be taken for one.
          authentication: { ...document.authentication, loginEndpoint: cloud.url.replace("localhost", "127.0.0.1") },
          suffixes: { ...document.suffixes, storage },
        },
      ];
    },
  );
}

function endpointsOf({ url, blobUrl }: Cloud) {
  const { host } = new URL(url);
  return {
    name: cloudName,
    // There is none. Clients of Azure ML take what follows its second dot for the suffix of their token's audience.
    portal: `https://portal.azure.${host}`,
    resourceManager: `${url}/`,
    authentication: {
      loginEndpoint: url,
      audiences: [`${url}/`],
      tenant: "common",
      identityProvider: "AAD",
    },
    graph: url,
    graphAudience: url,
    microsoftGraphResourceId: url,
    suffixes: { storage: new URL(blobUrl).host, keyVaultDns: "vault.localhost" },
  };
}

/**
 * The suffix from which clients that do not ask Resource Manager for an account's address make one:
 * `https://ACCOUNT.blob.SUFFIX`. Names below localhost are resolved by few machines, so what stands before the suffix becomes
 * a part of the address that names nobody, and the account is in the suffix's path, where the blob service wants it.
 * @param wanted the account; that of the first workspace when it is not given
 */
function storageSuffix({ blobUrl, resources }: Cloud, wanted: string | undefined): string {
  const [workspace] = resources.listAll("Microsoft.MachineLearningServices/workspaces");
  const ofWorkspace = workspace && String(workspace.properties.storageAccount).split("/").at(-1);
  const account = wanted ?? ofWorkspace;
  const { host } = new URL(blobUrl);
  return account ? suffixOf(host, account) : host;
}

/** The address of a blob in the form that such clients make, and take alone. */
export function urlBySuffix(url: string, account: string): string {
  const { host } = new URL(url);
  return url.replace(`https://${host}/${account}/`, `https://${account}.blob.${suffixOf(host, account)}/`);
}

function suffixOf(host: string, account: string): string {
  return `@${host}/${account}`;
}
