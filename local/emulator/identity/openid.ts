import type { FastifyInstance } from "fastify";
import { issuer as tokenIssuer, tenantId } from "../constants";
import type { Applications } from "./applications";
import type { Identity } from "./index";
import { OAuthError, unknownTenant } from "./oauthErrors";
import { grant, type Form } from "./tokenEndpoint";

type TenantRoute = { Params: { tenant: string } };

/**
 * Names of the tenant. By "adfs" clients know that an authority is one of its own, and do not ask the public
 * instance discovery whether it is.
 */
const tenants = new Set([tenantId, "common", "organizations", "adfs"]);

/** The OpenID endpoint: documents by which others check tokens of this cloud, and the endpoint that gives them out. */
export function openIdRoutes(
  server: FastifyInstance,
  identity: Identity,
  applications: Applications,
  url: string,
): void {
  const open = { config: { public: true } };
  const checkTenant = (tenant: string) => {
    if (!tenants.has(tenant.toLowerCase())) throw unknownTenant(tenant);
  };
  void server.register(async (scope) => {
    scope.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_request, text, done) =>
      done(null, Object.fromEntries(new URLSearchParams(text as string))),
    );
    scope.setErrorHandler((error, _request, reply) => {
      if (!(error instanceof OAuthError)) throw error;
      return reply.status(error.status).header("cache-control", "no-store").send(error.body);
    });
    for (const [version, issuer] of [
      // Tokens for resources of Azure are those of version 1, whichever endpoint they come from.
      ["", tokenIssuer],
      ["/v2.0", `${url}/${tenantId}/v2.0`],
    ] as const)
      scope.get<TenantRoute>(
        `/:tenant${version}/.well-known/openid-configuration`,
        open,
        async ({ params: { tenant } }) => {
          checkTenant(tenant);
          const oauth = `${url}/${tenant.toLowerCase() === "adfs" ? "adfs" : tenantId}/oauth2${version}`;
          return {
            issuer,
            authorization_endpoint: `${oauth}/authorize`,
            token_endpoint: `${oauth}/token`,
            jwks_uri: `${url}/${tenantId}/discovery${version}/keys`,
            token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt"],
            response_types_supported: ["token"],
            subject_types_supported: ["public"],
            id_token_signing_alg_values_supported: ["RS256"],
            scopes_supported: ["openid", "profile", "offline_access"],
          };
        },
      );
    for (const path of ["/discovery/keys", "/:tenant/discovery/keys", "/:tenant/discovery/v2.0/keys"])
      scope.get(path, open, async () => identity.keySet);
    // What clients ask of the authority itself whether it is one.
    scope.get("/common/discovery/instance", open, async () => ({
      tenant_discovery_endpoint: `${url}/${tenantId}/v2.0/.well-known/openid-configuration`,
      "api-version": "1.1",
      metadata: [
        { preferred_network: new URL(url).host, preferred_cache: new URL(url).host, aliases: [new URL(url).host] },
      ],
    }));
    for (const path of ["/:tenant/oauth2/v2.0/token", "/:tenant/oauth2/token"])
      scope.post<TenantRoute>(path, open, async (request, reply) => {
        checkTenant(request.params.tenant);
        const form = (request.body ?? {}) as Form;
        const { principal, resource } = grant(form, applications, url, (issuer) => identity.keyOfIssuer(issuer));
        const { token, expiresOn, lifetime } = identity.issue(resource, principal);
        const times = { expires_in: lifetime, ext_expires_in: lifetime };
        void reply.header("cache-control", "no-store").header("pragma", "no-cache");
        return path.includes("v2.0") || form.scope
          ? { token_type: "Bearer", ...times, access_token: token }
          : { token_type: "Bearer", ...times, expires_on: String(expiresOn), resource, access_token: token };
      });
  });
}
