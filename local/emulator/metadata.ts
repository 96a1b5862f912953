import type { FastifyInstance } from "fastify";
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
      const document = {
        name: "LocalAzure",
        portal: cloud.url,
        resourceManager: `${cloud.url}/`,
        authentication: {
          loginEndpoint: cloud.url,
          audiences: [`${cloud.url}/`],
          tenant: "common",
          identityProvider: "AAD",
        },
        graph: cloud.url,
        graphAudience: cloud.url,
        microsoftGraphResourceId: cloud.url,
        suffixes: { storage: new URL(cloud.blobUrl).host, keyVaultDns: "vault.localhost" },
      };
      const version = request.query["api-version"] ?? "";
      return version >= "2022-09-01" ? document : [document];
    },
  );
  // Where a workspace's discoveryUrl leads.
  server.get("/discovery", { config: { public: true } }, async () => ({ api: cloud.url }));
}
