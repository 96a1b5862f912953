import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ArmError, type Cloud, type Principal, type ResourceRecord } from "../contracts";
import { adoptContainers } from "../services/containers";
import type { ActivityLog, LoggedRequest } from "./activityLog";
import { checkConditions } from "./conditions";
import { Lists } from "./lists";
import { groupBeingDeleted, groupNotFound, notImplemented, resourceNotFound } from "./errors";
import { parsePath, parseTarget, resourceGroupOf, type ArmTarget } from "./ids";
import { Locks, lockType } from "./locks";
import { OperationAnswers, retryHeaders } from "./operationAnswers";
import { Registrations } from "./registrations";
import type { Operations } from "./operations";
import { permissionType } from "./permissionType";
import { checkOperationVersion, scopeOf, type MatchedOperation, type ScopeOperations } from "./scopeOperation";
import { checkSubscription } from "./subscription";
import { Turns } from "./turns";
import type { TypeRegistry } from "./types";
import { answerOf, ArmWriter, refuseWhenBusy, type Written } from "./write";

type Query = Record<string, string>;
type Request = FastifyRequest<{ Querystring: Query }>;

interface ArmRequest {
  path: string;
  target: ArmTarget;
  query: Query;
  apiVersion: string;
  body: unknown;
  principal: Principal;
  headers: FastifyRequest["headers"];
  reply: FastifyReply;
  logged: LoggedRequest;
}

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
  private readonly writer: ArmWriter;
  private readonly lists: Lists;
  private readonly turns = new Turns();
  private readonly locks: Locks;
  private readonly registrations: Registrations;
  private readonly operationAnswers: OperationAnswers;

  constructor(
    private readonly cloud: Cloud,
    private readonly types: TypeRegistry,
    private readonly operations: Operations,
    private readonly others: ScopeOperations,
    private readonly log: ActivityLog,
  ) {
    this.writer = new ArmWriter(cloud, types, operations);
    this.lists = new Lists(cloud, types);
    this.locks = new Locks(cloud.resources);
    this.registrations = new Registrations(cloud);
    this.operationAnswers = new OperationAnswers(cloud, operations);
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
    if (isAction) return this.act(armRequest, type);
    if (target.kind === "collection") {
      if (request.method === "GET") return this.lists.list(armRequest);
      throw methodNotAllowed(`collection '${path}'`, request.method);
    }
    if (request.method === "PATCH" && noPatch) throw methodNotAllowed(`resource '${path}'`, "PATCH");
    return this.onResource(request.method, armRequest);
  }

  private async onResource(method: string, request: ArmRequest): Promise<unknown> {
    const { target, headers, reply } = request;
    switch (method) {
      case "PUT":
        return this.turns.take(target.id, async () => {
          checkConditions(this.cloud.resources.get(target.id), headers);
          this.registrations.require(target.type);
          this.refuseInDeletedGroup(target.id);
          return this.answerWritten(await this.writer.put(request), request);
        });
      case "PATCH":
        return this.turns.take(target.id, async () => {
          const record = this.existing(target);
          checkConditions(record, headers);
          return this.answerWritten(await this.writer.patch(record, request), request);
        });
      case "DELETE":
        return this.turns.take(target.id, () => this.delete(request));
      case "GET":
        return this.answer(this.existing(target), reply);
      case "HEAD":
        this.existing(target);
        return reply.status(204).send();
      default:
        throw methodNotAllowed(`resource '${request.path}'`, method);
    }
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
    if (operation.permission) {
      logged.action = operation.permission;
      this.cloud.access.authorize(principal, operation.permission, scopeOf(matched, path));
    }
    const { status, body: answer, headers = {} } = await operation.answer({ path, params, query, body, principal });
    return reply.status(status).headers(headers).send(answer);
  }

  private answerWritten({ record, created, operation }: Written, { apiVersion, reply }: ArmRequest): unknown {
    if (record.type === lockType) this.locks.refresh();
    const createdStatus = this.types.find(record.type).behaviour?.createdStatus ?? 201;
    if (!operation) return reply.status(created ? createdStatus : 200).send(this.answer(record, reply));
    return reply
      .status(201)
      .headers({ ...retryHeaders, "azure-asyncoperation": this.operationAnswers.url(operation, record, apiVersion) })
      .send(this.answer(record, reply));
  }

  private async delete({ target, query, apiVersion, headers, reply, logged }: ArmRequest): Promise<unknown> {
    const record = this.cloud.resources.get(target.id);
    const purge = query.forceToPurge?.toLowerCase() === "true";
    const deleted = purge ? this.operations.softDeleted.find(target.type, target.id) : undefined;
    if (!record && deleted) {
      await this.operations.softDeleted.purge(deleted);
      return reply.status(200).send();
    }
    if (!record) {
      const group = resourceGroupOf(target.id);
      if (group && !this.cloud.resources.get(group)) throw groupNotFound(group);
      return reply.status(204).send();
    }
    checkConditions(record, headers);
    if (record.properties.provisioningState !== "Deleting") refuseWhenBusy(record);
    const { behaviour } = this.types.find(record.type);
    await behaviour?.beforeDelete?.(record, this.cloud);
    if (!behaviour?.provision && !behaviour?.deletesLater) {
      await this.operations.remove(record.id, purge);
      if (record.type === lockType) this.locks.refresh();
      return reply.status(200).send(behaviour?.answersDeleted ? this.answer(record) : undefined);
    }
    const deleting = { ...record, properties: { ...record.properties, provisioningState: "Deleting" } };
    const operation = await this.operations.begin("delete", deleting, false, { purge, logged });
    const url = (kind: "operationsStatus" | "operationResults") =>
      this.operationAnswers.url(operation, record, apiVersion, kind);
    // Resource groups are followed by Location alone.
    const follow = behaviour.deletesLater ? {} : { "azure-asyncoperation": url("operationsStatus") };
    return reply
      .status(202)
      .headers({ ...retryHeaders, ...follow, location: url("operationResults") })
      .send();
  }

  private async act({ target, query, body, principal, reply }: ArmRequest, type: string): Promise<unknown> {
    const action = this.types.find(type).behaviour?.actions?.[target.lastSegment.toLowerCase()];
    if (!action) throw notImplemented(`action '${target.lastSegment}' on '${type}'`);
    const record = this.existing(parseTarget(target.parentId) ?? target);
    const answer = await action({ record, body, query, principal }, this.cloud);
    return reply
      .status(answer.status)
      .headers(answer.headers ?? {})
      .send(answer.body);
  }

  private existing(target: ArmTarget): ResourceRecord {
    const record = this.cloud.resources.get(target.id);
    if (record) return record;
    const group = resourceGroupOf(target.id);
    if (group && !this.cloud.resources.get(group)) throw groupNotFound(group);
    throw resourceNotFound(target.id);
  }

  private refuseInDeletedGroup(id: string): void {
    const group = resourceGroupOf(id);
    const record = group === undefined ? undefined : this.cloud.resources.get(group);
    if (record?.properties.provisioningState === "Deleting") throw groupBeingDeleted(record.name);
  }

  /** The form in which a resource is answered. */
  private answer(record: ResourceRecord, reply?: FastifyReply): Record<string, unknown> {
    if (reply && record.etag) void reply.header("etag", record.etag);
    return answerOf(record, this.types.find(record.type).behaviour, this.cloud);
  }
}

function methodNotAllowed(what: string, method: string): ArmError {
  return new ArmError(405, "MethodNotAllowed", `The ${what} does not take ${method}.`);
}

function pathOf(request: FastifyRequest): string {
  return request.url.split("?")[0] ?? "";
}

/** Names of query parameters are without case. */
function apiVersionOf(query: Query): string | undefined {
  return Object.entries(query).find(([name]) => name.toLowerCase() === "api-version")?.[1];
}
