import type { FastifyInstance, FastifyRequest } from "fastify";
import { deployer } from "../constants";
import type { Cloud, Principal } from "../contracts";
import type { Identity } from "./index";

type Query = Record<string, string | undefined>;

/** https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference */
const versions = ["2017-09-01", "2019-08-01"];
const identityType = "Microsoft.ManagedIdentity/userAssignedIdentities";

/**
 * The App Service identity endpoint, which DefaultAzureCredential finds through IDENTITY_ENDPOINT. Without a choice it stands
 * for who runs the local cloud; each user-assigned identity of the cloud can be chosen.
 */
export function managedIdentityRoutes(server: FastifyInstance, identity: Identity, cloud: Cloud): void {
  server.get<{ Querystring: Query }>("/msi/token", { config: { public: true } }, async (request, reply) => {
    const refuse = (status: 400 | 401, message: string) => reply.status(status).send({ statusCode: status, message });
    const { resource } = request.query;
    const asker = identity.askerOf(identityHeaderOf(request), resource ?? "");
    if (!asker) return refuse(401, "The X-IDENTITY-HEADER header is missing or wrong.");
    if (!versions.includes(request.query["api-version"] ?? ""))
      return refuse(400, `The query parameter 'api-version' must be one of ${versions.join(", ")}.`);
    if (!resource) return refuse(400, "The query parameter 'resource' is missing.");
    // A run has the identity that it was started with, and chooses no other.
    const principal = asker === deployer ? chosen(request.query, cloud) : asker;
    if (!principal)
      return refuse(
        400,
        "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.",
      );
    const { token, expiresOn } = identity.issue(resource, principal, "managedIdentity");
    return {
      access_token: token,
      expires_on: String(expiresOn),
      resource,
      token_type: "Bearer",
      client_id: principal.clientId,
    };
  });
}

export function identityHeaderOf(request: FastifyRequest): string {
  return String(request.headers["x-identity-header"] ?? "");
}

function chosen(query: Query, { resources }: Cloud): Principal | undefined {
  const clientId = query.client_id ?? query.clientid;
  const resourceId = query.mi_res_id ?? query.msi_res_id;
  const objectId = query.principal_id ?? query.object_id;
  if (!clientId && !resourceId && !objectId) return deployer;
  if (clientId === deployer.clientId || objectId === deployer.objectId) return deployer;
  const found = resources.listAll(identityType).find(({ id, properties }) => {
    if (clientId) return properties.clientId === clientId.toLowerCase();
    if (resourceId) return id.toLowerCase() === resourceId.toLowerCase();
    return properties.principalId === objectId?.toLowerCase();
  });
  if (!found) return undefined;
  const { principalId, clientId: ofFound } = found.properties;
  return { objectId: String(principalId), clientId: String(ofFound), name: found.name };
}
