import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ArmError, type Cloud } from "../contracts";
import { adoptContainers } from "../services/containers";
import type { ActivityLog, LoggedRequest } from "./activityLog";
import { notImplemented } from "./errors";
import { parsePath, type ArmTarget } from "./ids";
import { Lists } from "./lists";
import { checkRegion } from "./location";
import { Locks } from "./locks";
import { OperationAnswers } from "./operationAnswers";
import type { Operations } from "./operations";
import { permissionType } from "./permissionType";
import { methodNotAllowed, ResourceRequests, type ArmRequest } from "./resourceRequests";
import { checkOperationVersion, scopeOf, type MatchedOperation, type ScopeOperations } from "./scopeOperation";
import { checkSubscription } from "./subscription";
import type { TypeRegistry } from "./types";

type Query = Record<string, string>;
type Request = FastifyRequest<{ Querystring: Query }>;

/** What a method is called in permissions. */
const verbs: Readonly<Record<string, string>> = {
  GET: "read",
  HEAD: "read",
  PUT: "write",
  PATCH: "write",
  DELETE: "delete",
  POST: "action",
};

/** Azure Resource Manager: PUT, GET, HEAD, PATCH, DELETE and POST on every known type, and the operations beside them. */
export class ArmRoutes {
  private readonly requests: ResourceRequests;
  private readonly lists: Lists;
  private readonly locks: Locks;
  private readonly operationAnswers: OperationAnswers;

  constructor(
    private readonly cloud: Cloud,
    private readonly types: TypeRegistry,
    operations: Operations,
    private readonly others: ScopeOperations,
    private readonly log: ActivityLog,
  ) {
    this.lists = new Lists(cloud, types);
    this.locks = new Locks(cloud.resources);
    this.operationAnswers = new OperationAnswers(cloud, operations);
    this.requests = new ResourceRequests(cloud, types, operations, this.operationAnswers, this.locks);
  }

  register(server: FastifyInstance): void {
    this.operationAnswers.register(server);
    for (const url of ["/subscriptions", "/subscriptions/*", "/tenants", "/providers/*"]) {
      server.route({
        method: ["GET", "HEAD", "PUT", "PATCH", "DELETE", "POST"],
        url,
        config: { listed: false },
        handler: (request, reply) => this.answerLogged(request as Request, reply),
      });
    }
  }

  private async answerLogged(request: Request, reply: FastifyReply): Promise<unknown> {
    const path = pathOf(request);
    const logged: LoggedRequest = {
      principal: request.principal,
      method: request.method,
      action: "",
      resourceId: path,
      correlationId: String(reply.getHeader("x-ms-correlation-request-id") ?? request.id),
      clientRequestId: request.headers["x-ms-client-request-id"] as string | undefined,
    };
    const isRead = request.method === "GET" || request.method === "HEAD";
    try {
      const answer = await this.dispatch(request, reply, path, logged);
      const { statusCode: httpStatus } = reply;
      const goesOn = reply.hasHeader("azure-asyncoperation") || httpStatus === 202;
      if (!isRead && logged.action) this.log.record(logged, goesOn ? "Accepted" : "Succeeded", { httpStatus });
      return answer;
    } catch (error) {
      if (!isRead && logged.action && error instanceof ArmError)
        this.log.record(logged, "Failed", { httpStatus: error.status, code: error.code });
      throw error;
    }
  }

  private async dispatch(request: Request, reply: FastifyReply, path: string, logged: LoggedRequest): Promise<unknown> {
    if (/^\/subscriptions\/./i.test(path)) checkSubscription(path.split("/")[2] ?? "", this.cloud);
    const matched = this.others.match(request.method, path);
    if (matched) return this.answerOther(matched, request, reply, path, logged);
    const target = parsePath(path);
    if (!target && /%2f/i.test(path))
      throw new ArmError(404, "InvalidResourceType", `The path '${path}' is no path of a resource.`);
    if (!target || target.type.split("/").length === 1) throw notImplemented(`operation ${request.method} ${path}`);
    const isAction = request.method === "POST" && target.kind === "collection";
    const type = isAction ? target.type.split("/").slice(0, -1).join("/") : target.type;
    const { type: spelled, noPatch } = this.types.find(type);
    const apiVersion = this.types.checkApiVersion(type, apiVersionOf(request.query), this.cloud.location);
    const { query, body, principal, headers } = request;
    const verb = isAction ? `${target.lastSegment}/action` : verbs[request.method];
    logged.action = `${permissionType(spelled)}/${verb}`;
    logged.resourceId = target.id;
    this.authorize(request.method, target, isAction, logged);
    if (request.method === "DELETE") this.locks.check(target.id, type, "delete");
    else if (request.method !== "GET" && request.method !== "HEAD") this.locks.check(target.id, type, "write");
    await adoptContainers(path, this.cloud);
    const armRequest: ArmRequest = { path, target, query, apiVersion, body, principal, headers, reply, logged };
    if (isAction) return this.requests.act(armRequest, type);
    if (target.kind === "collection") {
      if (request.method === "GET") return this.lists.list(armRequest);
      throw methodNotAllowed(`collection '${path}'`, request.method);
    }
    if (request.method === "PATCH" && noPatch) throw methodNotAllowed(`resource '${path}'`, "PATCH");
    return this.requests.answer(request.method, armRequest);
  }

  /** Lists of groups are never refused: they hold those that the caller may read. */
  private authorize(method: string, target: ArmTarget, isAction: boolean, { principal, action }: LoggedRequest): void {
    const isList = target.kind === "collection" && !isAction;
    if (isList && method === "GET" && target.type === "Microsoft.Resources/resourceGroups") return;
    this.cloud.access.authorize(principal, action, isList ? target.parentId : target.id);
  }

  private async answerOther(
    matched: MatchedOperation,
    { query, body, principal }: Request,
    reply: FastifyReply,
    path: string,
    logged: LoggedRequest,
  ): Promise<unknown> {
    const { operation, params } = matched;
    checkOperationVersion(operation.apiVersions, apiVersionOf(query));
    if (params.location !== undefined) checkRegion(params.location);
    if (operation.permission) {
      logged.action = operation.permission;
      this.cloud.access.authorize(principal, operation.permission, scopeOf(matched, path));
    }
    const { status, body: answer, headers = {} } = await operation.answer({ path, params, query, body, principal });
    return reply.status(status).headers(headers).send(answer);
  }
}

function pathOf(request: FastifyRequest): string {
  return request.url.split("?")[0] ?? "";
}

/** Names of query parameters are without case. */
function apiVersionOf(query: Query): string | undefined {
  return Object.entries(query).find(([name]) => name.toLowerCase() === "api-version")?.[1];
}
