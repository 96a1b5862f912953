import type { FastifyInstance, FastifyRequest } from "fastify";
import type { JsonWebKey } from "node:crypto";
import { deployer } from "../constants";
import { ArmError } from "../contracts";
import type { Application, Applications } from "./applications";

type IdRoute = { Params: { id: string } };
type Body = Record<string, unknown>;

const tokenExchange = "api://AzureADTokenExchange";

/**
 * The part of Microsoft Graph that has app registrations. All members of the directory read it, as users of Entra do; who runs
 * the local cloud writes.
 */
export function directoryRoutes(server: FastifyInstance, applications: Applications): void {
  void server.register(
    async (scope) => {
      scope.addHook("preHandler", async (request) => {
        const isRead = request.method === "GET" || request.url.endsWith("/getByIds");
        if (!isRead && request.principal.objectId !== deployer.objectId)
          throw new ArmError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
      });
      scope.setNotFoundHandler((request) => {
        throw new ArmError(501, "NotImplemented", `The local directory has no ${request.method} ${request.url}.`);
      });
      const required = (request: FastifyRequest): Application => {
        const { id } = (request as FastifyRequest<IdRoute>).params;
        const found = applications.get(id);
        if (found) return found;
        throw new ArmError(404, "Request_ResourceNotFound", `Resource '${id}' does not exist.`);
      };
      scope.get("/applications", async (request) => ({ value: filtered(applications, request).map(viewOf) }));
      scope.get<IdRoute>("/applications/:id", async (request) => viewOf(required(request)));
      scope.post("/applications", async (request, reply) =>
        reply.status(201).send(viewOf(await applications.create(text(request.body, "displayName")))),
      );
      scope.delete<IdRoute>("/applications/:id", async (request, reply) => {
        await applications.remove(required(request).id);
        return reply.status(204).send();
      });
      scope.post<IdRoute>("/applications/:id/addPassword", async (request) =>
        applications.addSecret(required(request)),
      );
      scope.get<IdRoute>("/applications/:id/federatedIdentityCredentials", async (request) => ({
        value: required(request).federated,
      }));
      scope.post<IdRoute>("/applications/:id/federatedIdentityCredentials", async (request, reply) => {
        const { body } = request;
        const { audiences = [tokenExchange], keys } = (body ?? {}) as { audiences?: string[]; keys?: JsonWebKey[] };
        const credential = await applications.addFederated(required(request), {
          name: text(body, "name"),
          issuer: text(body, "issuer"),
          subject: text(body, "subject"),
          audiences,
          // No part of Graph: the local cloud asks no other issuer for its keys.
          ...(keys ? { keys } : {}),
        });
        return reply.status(201).send(credential);
      });
      scope.get("/servicePrincipals", async (request) => ({
        value: filtered(applications, request).map(principalView),
      }));
      scope.post("/servicePrincipals", async (request, reply) => {
        const found = applications.byAppId(text(request.body, "appId"));
        if (!found) throw new ArmError(404, "Request_ResourceNotFound", "There is no application of this appId.");
        return reply.status(201).send(principalView(found));
      });
      scope.post("/directoryObjects/getByIds", async ({ body }) => {
        const { ids } = (body ?? {}) as { ids?: unknown };
        if (!Array.isArray(ids))
          throw new ArmError(400, "Request_BadRequest", "A list is required for property 'ids' of the request.", "ids");
        const found = applications.list().filter(({ principalId }) => ids.includes(principalId));
        return { value: [...found.map(principalView), ...(ids.includes(deployer.objectId) ? [deployerView] : [])] };
      });
    },
    { prefix: "/v1.0" },
  );
}

/** By `displayName eq 'NAME'`, `appId eq 'ID'` or `servicePrincipalNames/any(c:c eq 'ID')`. */
function filtered(applications: Applications, request: FastifyRequest): Application[] {
  const { $filter: filter } = request.query as Record<string, string | undefined>;
  if (filter === undefined) return applications.list();
  const byName = /^servicePrincipalNames\/any\((\w+):\1 eq '([^']*)'\)$/.exec(filter);
  const [, key, value] = byName ? ["", "appId", byName[2]] : (/^(displayName|appId) eq '([^']*)'$/.exec(filter) ?? []);
  if (!key) throw new ArmError(501, "NotImplemented", `The local directory has no filter '${filter}'.`, "$filter");
  return applications.list().filter((application) => application[key as "displayName" | "appId"] === value);
}

function viewOf({ id, appId, displayName, secrets }: Application) {
  const passwordCredentials = secrets.map(({ keyId, endDateTime }) => ({ keyId, endDateTime }));
  return { id, appId, displayName, passwordCredentials };
}

const principalType = "#microsoft.graph.servicePrincipal";

function principalView({ principalId, appId, displayName }: Application) {
  return {
    "@odata.type": principalType,
    id: principalId,
    appId,
    displayName,
    servicePrincipalNames: [appId],
    servicePrincipalType: "Application",
  };
}

/** Who runs the local cloud. */
const deployerView = {
  "@odata.type": principalType,
  id: deployer.objectId,
  appId: deployer.clientId,
  displayName: deployer.name,
  servicePrincipalNames: [deployer.clientId],
  servicePrincipalType: "Application",
};

function text(body: unknown, key: string): string {
  const value = ((body ?? {}) as Body)[key];
  if (typeof value === "string" && value !== "") return value;
  throw new ArmError(400, "Request_BadRequest", `A value is required for property '${key}' of the resource.`, key);
}
