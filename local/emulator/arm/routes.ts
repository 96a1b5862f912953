import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ArmError, type Cloud, type Principal, type ResourceRecord } from "../contracts";
import { groupNotFound, notImplemented, resourceNotFound } from "./errors";
import { parsePath, parseTarget, resourceGroupOf, type ArmTarget } from "./ids";
import type { Operation, Operations } from "./operations";
import { Turns } from "./turns";
import type { TypeRegistry } from "./types";
import { answerOf, ArmWriter, parentExists, refuseWhenBusy, type Written } from "./write";

type Query = Record<string, string>;

interface ArmRequest {
  path: string;
  target: ArmTarget;
  query: Query;
  apiVersion: string;
  body: unknown;
  principal: Principal;
  headers: FastifyRequest["headers"];
  reply: FastifyReply;
}

const pageSize = 100;
/** What an answer of ARM tells a poller to wait: short, since little here takes long. */
const retryHeaders = { "retry-after": "1", "retry-after-ms": "200" };

/** Azure Resource Manager: PUT, GET, HEAD, PATCH, DELETE and POST on every known type. */
export class ArmRoutes {
  private readonly writer: ArmWriter;
  private readonly turns = new Turns();

  constructor(
    private readonly cloud: Cloud,
    private readonly types: TypeRegistry,
    private readonly operations: Operations,
  ) {
    this.writer = new ArmWriter(cloud, types, operations);
  }

  register(server: FastifyInstance): void {
    server.get("/subscriptions", async () => ({ value: [this.subscription()] }));
    server.get<{ Params: { subscription: string } }>("/subscriptions/:subscription", async (request) => {
      this.checkSubscription(request.params.subscription);
      return this.subscription();
    });
    const operations = "/subscriptions/:subscription/providers/:namespace/locations/:location";
    server.get<{ Params: { id: string } }>(`${operations}/operationsStatus/:id`, async (request, reply) =>
      this.operationStatus(request.params.id, reply),
    );
    server.get<{ Params: { id: string } }>(`${operations}/operationResults/:id`, async (request, reply) =>
      this.operationResult(request.params.id, reply),
    );
    server.route({
      method: ["GET", "HEAD", "PUT", "PATCH", "DELETE", "POST"],
      url: "/subscriptions/*",
      handler: (request, reply) => this.dispatch(request as FastifyRequest<{ Querystring: Query }>, reply),
    });
  }

  private async dispatch(request: FastifyRequest<{ Querystring: Query }>, reply: FastifyReply): Promise<unknown> {
    const path = request.url.split("?")[0] ?? "";
    const target = parsePath(path);
    if (!target) throw new ArmError(404, "InvalidResourceType", `The path '${path}' is no path of a resource.`);
    this.checkSubscription(path.split("/")[2] ?? "");
    const isAction = request.method === "POST" && target.kind === "collection";
    const type = isAction ? target.type.split("/").slice(0, -1).join("/") : target.type;
    this.types.find(type);
    const apiVersion = this.types.checkApiVersion(type, apiVersionOf(request.query));
    const { query, body, principal, headers } = request;
    const armRequest: ArmRequest = { path, target, query, apiVersion, body, principal, headers, reply };
    if (isAction) return this.act(armRequest, type);
    if (target.kind === "collection") {
      if (request.method === "GET") return this.list(armRequest);
      throw new ArmError(405, "MethodNotAllowed", `The collection '${path}' does not take ${request.method}.`);
    }
    switch (request.method) {
      case "PUT":
        return this.turns.take(target.id, async () => {
          checkConditions(this.cloud.resources.get(target.id), headers);
          return this.answerWritten(await this.writer.put(armRequest), armRequest);
        });
      case "PATCH":
        return this.turns.take(target.id, async () => {
          const record = this.existing(target);
          checkConditions(record, headers);
          return this.answerWritten(await this.writer.patch(record, armRequest), armRequest);
        });
      case "DELETE":
        return this.turns.take(target.id, () => this.delete(armRequest));
      case "GET":
        return this.answer(this.existing(target), reply);
      case "HEAD":
        this.existing(target);
        return reply.status(204).send();
      default:
        throw new ArmError(405, "MethodNotAllowed", `The resource '${path}' does not take ${request.method}.`);
    }
  }

  private answerWritten({ record, created, operation }: Written, { apiVersion, reply }: ArmRequest): unknown {
    if (!operation) return reply.status(created ? 201 : 200).send(this.answer(record, reply));
    return reply
      .status(201)
      .headers({ ...retryHeaders, "azure-asyncoperation": this.operationUrl(operation, record, apiVersion) })
      .send(this.answer(record, reply));
  }

  private async delete({ target, apiVersion, headers, reply }: ArmRequest): Promise<unknown> {
    const record = this.cloud.resources.get(target.id);
    if (!record) {
      const group = resourceGroupOf(target.id);
      if (group && !this.cloud.resources.get(group)) throw groupNotFound(group);
      return reply.status(204).send();
    }
    checkConditions(record, headers);
    if (record.properties.provisioningState !== "Deleting") refuseWhenBusy(record);
    const { behaviour } = this.types.find(record.type);
    await behaviour?.beforeDelete?.(record, this.cloud);
    if (!behaviour?.provision) {
      await this.operations.remove(record.id);
      return reply.status(200).send();
    }
    const deleting = { ...record, properties: { ...record.properties, provisioningState: "Deleting" } };
    const operation = await this.operations.begin("delete", deleting, false);
    return reply
      .status(202)
      .headers({
        ...retryHeaders,
        "azure-asyncoperation": this.operationUrl(operation, record, apiVersion),
        location: this.operationUrl(operation, record, apiVersion, "operationResults"),
      })
      .send();
  }

  private list({ path, target, query }: ArmRequest): unknown {
    const { type, behaviour } = this.types.find(target.type);
    if (!parentExists(this.cloud, target.parentId)) throw resourceNotFound(target.parentId);
    let skip = wholeNumber(query, ["$skip"]) ?? 0;
    const size = Math.max(1, Math.min(pageSize, wholeNumber(query, ["$top", "count"]) ?? pageSize));
    const value: Record<string, unknown>[] = [];
    let last = "";
    // One by one, so that a page of a large collection takes no more than a page.
    for (const record of this.members(target.parentId, type, skippedTo(query))) {
      if (!(behaviour?.listed?.(record, query) ?? true) || skip-- > 0) continue;
      if (value.length === size) {
        const { $skip: _, ...rest } = query;
        const nextQuery = new URLSearchParams({ ...rest, $skipToken: Buffer.from(last).toString("base64url") });
        return { value, nextLink: `${this.cloud.url}${path}?${nextQuery.toString()}` };
      }
      value.push(this.answer(record));
      last = record.id.toLowerCase();
    }
    return { value };
  }

  /** A subscription's collection of a type holds those of all its resource groups. */
  private members(parentId: string, type: string, after: string): Iterable<ResourceRecord> {
    const ofSubscription = /^\/subscriptions\/[^/]+$/i.test(parentId);
    if (!ofSubscription) return this.cloud.resources.children(parentId, type, after);
    return this.cloud.resources.listAll(type).filter(({ id }) => id.toLowerCase() > after);
  }

  private async act({ target, query, body, principal, reply }: ArmRequest, type: string): Promise<unknown> {
    const record = this.existing(parseTarget(target.parentId) ?? target);
    const action = this.types.find(type).behaviour?.actions?.[target.lastSegment.toLowerCase()];
    if (!action) throw notImplemented(`action '${target.lastSegment}' on '${type}'`);
    const answer = await action({ record, body, query, principal }, this.cloud);
    return reply
      .status(answer.status)
      .headers(answer.headers ?? {})
      .send(answer.body);
  }

  private operationStatus(id: string, reply: FastifyReply): unknown {
    const { status, startTime, endTime, error } = this.operation(id);
    if (status === "InProgress") void reply.headers(retryHeaders);
    return { id, name: id, status, startTime, endTime, error };
  }

  /** What pollers of Location ask: 202 until the operation is over. */
  private operationResult(id: string, reply: FastifyReply): unknown {
    const { status, error } = this.operation(id);
    if (status === "InProgress") return reply.status(202).headers(retryHeaders).send();
    if (status === "Failed") throw new ArmError(400, error?.code ?? "OperationFailed", error?.message ?? "It failed.");
    return reply.status(204).send();
  }

  private operation(id: string): Operation {
    const operation = this.operations.get(id);
    if (!operation) throw new ArmError(404, "OperationNotFound", `There is no operation '${id}'.`);
    return operation;
  }

  private operationUrl(
    { id }: Operation,
    record: ResourceRecord,
    apiVersion: string,
    kind: "operationsStatus" | "operationResults" = "operationsStatus",
  ): string {
    const { url, subscriptionId, location } = this.cloud;
    const namespace = record.type.split("/")[0];
    return `${url}/subscriptions/${subscriptionId}/providers/${namespace}/locations/${location}/${kind}/${id}?api-version=${apiVersion}`;
  }

  private existing(target: ArmTarget): ResourceRecord {
    const record = this.cloud.resources.get(target.id);
    if (record) return record;
    const group = resourceGroupOf(target.id);
    if (group && !this.cloud.resources.get(group)) throw groupNotFound(group);
    throw resourceNotFound(target.id);
  }

  /** The form in which a resource is answered. */
  private answer(record: ResourceRecord, reply?: FastifyReply): Record<string, unknown> {
    if (reply && record.etag) void reply.header("etag", record.etag);
    return answerOf(record, this.types.find(record.type).behaviour, this.cloud);
  }

  private checkSubscription(id: string): void {
    if (id.toLowerCase() !== this.cloud.subscriptionId) {
      throw new ArmError(
        404,
        "SubscriptionNotFound",
        `The subscription '${id}' could not be found. The local cloud has '${this.cloud.subscriptionId}'.`,
      );
    }
  }

  private subscription(): Record<string, unknown> {
    const { subscriptionId, tenantId } = this.cloud;
    return { id: `/subscriptions/${subscriptionId}`, subscriptionId, tenantId, displayName: "Local", state: "Enabled" };
  }
}

/** @throws ArmError 412 when If-Match or If-None-Match does not hold */
function checkConditions(record: ResourceRecord | undefined, headers: FastifyRequest["headers"]): void {
  const wanted = headers["if-match"];
  const unwanted = headers["if-none-match"];
  const holds =
    (wanted === undefined || (record !== undefined && (wanted === "*" || wanted === record.etag))) &&
    (unwanted === undefined || record === undefined || (unwanted !== "*" && unwanted !== record.etag));
  if (!holds) {
    throw new ArmError(
      412,
      "PreconditionFailed",
      "The condition specified by the ETag is not satisfied: the resource has changed or does not exist.",
    );
  }
}

/** Names of query parameters are without case. */
function apiVersionOf(query: Query): string | undefined {
  return Object.entries(query).find(([name]) => name.toLowerCase() === "api-version")?.[1];
}

/** The id behind which a page begins. */
function skippedTo({ $skipToken = "" }: Query): string {
  const after = Buffer.from($skipToken, "base64url").toString();
  if ($skipToken === "" || after.startsWith("/subscriptions/")) return after;
  throw new ArmError(
    400,
    "InvalidQueryParameterValue",
    `The $skipToken '${$skipToken}' is none of this cloud.`,
    "$skipToken",
  );
}

function wholeNumber(query: Query, names: readonly string[]): number | undefined {
  const name = names.find((candidate) => query[candidate] !== undefined);
  if (name === undefined) return undefined;
  const value = Number(query[name]);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new ArmError(
    400,
    "InvalidQueryParameterValue",
    `The query parameter '${name}' is '${query[name]}'; a whole number is wanted.`,
    name,
  );
}
