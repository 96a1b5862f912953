import type { FastifyInstance } from "fastify";
import { ArmError } from "../contracts";
import type { Identity } from "./index";
import { identityHeaderOf } from "./managedIdentity";

const tokenExchange = "api://AzureADTokenExchange";
const defaultLifetimeSeconds = 3600;

/**
 * The issuer of assertions for workloads, as an AKS cluster is one for its service accounts: a workload shows its assertion
 * to the token endpoint, which gives it the token of the application that trusts it.
 */
export function serviceAccountRoutes(server: FastifyInstance, identity: Identity): void {
  const open = { config: { public: true } };
  server.get("/oidc/.well-known/openid-configuration", open, async () => ({
    issuer: identity.workloadIssuer,
    jwks_uri: `${identity.workloadIssuer}/openid/v1/jwks`,
    response_types_supported: ["id_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
  }));
  server.get("/oidc/openid/v1/jwks", open, async () => identity.keySet);
  server.post("/oidc/token", open, async (request) => {
    if (!identity.isDeployersHeader(identityHeaderOf(request)))
      throw new ArmError(401, "AuthenticationFailed", "The X-IDENTITY-HEADER header is missing or wrong.");
    const {
      subject,
      audience = tokenExchange,
      lifetimeSeconds = defaultLifetimeSeconds,
    } = (request.body ?? {}) as { subject?: unknown; audience?: unknown; lifetimeSeconds?: unknown };
    if (typeof subject !== "string" || typeof audience !== "string" || typeof lifetimeSeconds !== "number")
      throw new ArmError(400, "BadRequest", "subject and audience are texts, lifetimeSeconds is a number.", "subject");
    return { token: identity.assertion(subject, audience, lifetimeSeconds) };
  });
}
