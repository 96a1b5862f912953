import { randomUUID } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { validateBody } from "../../schemas";
import { ArmError, type Cloud, type Principal, type PutRequest, type ResourceRecord } from "../contracts";
import { parseTarget, resourceGroupOf, type ArmTarget } from "./ids";
import type { Operations } from "./operations";
import type { TypeRegistry } from "./types";

type Query = Record<string, string>;

interface ArmRequest {
  target: ArmTarget;
  query: Query;
  body: unknown;
  principal: Principal;
  reply: FastifyReply;
}

const pageSize = 100;
/** What an answer of ARM tells a poller to wait: short, since nothing here takes long. */
const retryHeaders = { "retry-after": "1", "retry-after-ms": "200" };
const busyStates = new Set(["Creating", "Updating", "Deleting"]);

/** Azure Resource Manager: PUT, GET, HEAD, PATCH, DELETE and POST on every known type. */
export class ArmRoutes {
  constructor(
    private readonly cloud: Cloud,
    private readonly types: TypeRegistry,
    private readonly operations: Operations,
  ) {}

  register(server: FastifyInstance): void {
    server.get<{ Querystring: Query }>("/subscriptions", async () => ({ value: [this.subscription()] }));
    server.get<{ Params: { subscription: string } }>("/subscriptions/:subscription", async (request) => {
      this.checkSubscription(request.params.subscription);
      return this.subscription();
    });
    server.get<{ Params: { id: string } }>(
      "/subscriptions/:subscription/providers/:namespace/locations/:location/operationsStatus/:id",
      async (request, reply) => this.operationStatus(request.params.id, reply),
    );
    server.route({
      method: ["GET", "HEAD", "PUT", "PATCH", "DELETE", "POST"],
      url: "/subscriptions/*",
      handler: (request, reply) => this.dispatch(request as FastifyRequest<{ Querystring: Query }>, reply),
    });
  }

  private async dispatch(request: FastifyRequest<{ Querystring: Query }>, reply: FastifyReply): Promise<unknown> {
    const path = request.url.split("?")[0] ?? "";
    const target = parseTarget(path);
    if (!target) throw new ArmError(404, "InvalidResourceType", `The path '${path}' is no path of a resource.`);
    this.checkSubscription(path.split("/")[2] ?? "");
    const armRequest: ArmRequest = {
      target,
      query: request.query,
      body: request.body,
      principal: request.principal,
      reply,
    };
    const isAction = request.method === "POST";
    const type = isAction ? target.type.split("/").slice(0, -1).join("/") : target.type;
    this.types.find(type);
    this.types.checkApiVersion(type, request.query["api-version"]);
    if (isAction) return this.act(armRequest, type);
    if (target.kind === "collection") {
      if (request.method === "GET") return this.list(armRequest);
      throw new ArmError(405, "MethodNotAllowed", `The collection '${path}' does not take ${request.method}.`);
    }
    switch (request.method) {
      case "PUT":
        return this.put(armRequest);
      case "PATCH":
        return this.patch(armRequest);
      case "DELETE":
        return this.delete(armRequest);
      default:
        return this.answer(this.existing(target));
    }
  }

  private async put({ target, query, body, principal, reply }: ArmRequest): Promise<unknown> {
    const { type, behaviour, needsLocation } = this.types.find(target.type);
    await this.checkParents(target);
    const violations = validateBody(type, body);
    if (violations.length > 0) throw refusal(violations);
    const existing = this.cloud.resources.get(target.id);
    const content = body as PutRequest["body"];
    if (needsLocation && !existing && !content.location) {
      throw new ArmError(
        400,
        "LocationRequired",
        `The location property is required for this definition of '${type}'.`,
        "location",
      );
    }
    if (existing && busyStates.has(String(existing.properties.provisioningState))) {
      throw new ArmError(
        409,
        "Conflict",
        `'${target.name}' is in '${String(existing.properties.provisioningState)}' provisioning state. Try again when the operation is over.`,
      );
    }
    const request: PutRequest = {
      id: existing?.id ?? target.id,
      name: target.name,
      type,
      apiVersion: query["api-version"] ?? "",
      body: content,
      existing,
      principal,
    };
    await behaviour?.check?.(request, this.cloud);
    const record = await this.recordOf(request, behaviour?.properties);
    if (!behaviour?.provision) {
      await this.cloud.resources.put(record);
      await behaviour?.afterPut?.(record, !existing, this.cloud);
      return reply.status(existing ? 200 : 201).send(this.answer(this.cloud.resources.get(record.id) ?? record));
    }
    record.properties.provisioningState = existing ? "Updating" : "Creating";
    await this.cloud.resources.put(record);
    const operation = await this.operations.begin("provision", record);
    return reply
      .status(201)
      .headers({ ...retryHeaders, "azure-asyncoperation": this.operationUrl(record, operation.id, query) })
      .send(this.answer(this.cloud.resources.get(record.id) ?? record));
  }

  private async recordOf(
    request: PutRequest,
    properties:
      ((request: PutRequest, cloud: Cloud) => Record<string, unknown> | Promise<Record<string, unknown>>) | undefined,
  ): Promise<ResourceRecord> {
    const { body, existing, principal } = request;
    const now = this.cloud.now().toISOString();
    const own = properties ? await properties(request, this.cloud) : { ...body.properties };
    return {
      id: request.id,
      name: existing?.name ?? request.name,
      type: request.type,
      ...withoutUndefined({
        location: body.location ?? existing?.location,
        tags: body.tags,
        sku: body.sku as Record<string, unknown> | undefined,
        kind: body.kind as string | undefined,
        identity: this.identity(body.identity as Record<string, unknown> | undefined, existing),
      }),
      systemData: {
        createdAt: existing?.systemData?.createdAt ?? now,
        createdBy: existing?.systemData?.createdBy ?? principal.name,
        createdByType: "Application",
        lastModifiedAt: now,
        lastModifiedBy: principal.name,
        lastModifiedByType: "Application",
      },
      properties: { provisioningState: "Succeeded", ...own },
    };
  }

  /** A system-assigned identity keeps its principal as long as the resource lives. */
  private identity(
    given: Record<string, unknown> | undefined,
    existing: ResourceRecord | undefined,
  ): Record<string, unknown> | undefined {
    if (!given || !String(given.type).includes("SystemAssigned")) return given;
    const principalId = existing?.identity?.principalId ?? randomUUID();
    return { ...given, principalId, tenantId: this.cloud.tenantId };
  }

  private async patch(request: ArmRequest): Promise<unknown> {
    const record = this.existing(request.target);
    const { tags, properties } = (request.body ?? {}) as {
      tags?: Record<string, string>;
      properties?: Record<string, unknown>;
    };
    const { location, sku, kind, identity } = record;
    const merged = {
      location,
      sku,
      kind,
      identity,
      tags: tags ?? record.tags,
      properties: { ...record.properties, ...properties },
    };
    return this.put({ ...request, body: withoutUndefined(merged) });
  }

  private async delete({ target, query, reply }: ArmRequest): Promise<unknown> {
    const record = this.cloud.resources.get(target.id);
    if (!record) return reply.status(204).send();
    const { behaviour } = this.types.find(record.type);
    if (!behaviour?.provision && !behaviour?.beforeDelete) {
      await this.cloud.resources.remove(record.id);
      return reply.status(200).send();
    }
    if (!behaviour.provision) {
      await behaviour.beforeDelete?.(record, this.cloud);
      await this.cloud.resources.remove(record.id);
      return reply.status(200).send();
    }
    await behaviour.beforeDelete?.(record, this.cloud);
    await this.cloud.resources.patchProperties(record.id, { provisioningState: "Deleting" });
    const operation = await this.operations.begin("delete", record);
    return reply
      .status(202)
      .headers({ ...retryHeaders, "azure-asyncoperation": this.operationUrl(record, operation.id, query) })
      .send();
  }

  private list({ target, query }: ArmRequest): unknown {
    const { type, behaviour } = this.types.find(target.type);
    if (resourceGroupOf(target.id) && !this.parentExists(target.parentId)) throw notFound(target.parentId);
    const all = this.cloud.resources
      .list(target.parentId, type)
      .filter((record) => behaviour?.listed?.(record, query) ?? true);
    const skip = Number(query.$skip ?? query.$skipToken ?? 0);
    const size = Math.min(pageSize, Number(query.$top ?? query.count ?? pageSize) || pageSize);
    const next = skip + size;
    const page = { value: all.slice(skip, next).map((record) => this.answer(record)) };
    if (next >= all.length) return page;
    const nextQuery = new URLSearchParams({ ...query, $skip: String(next) });
    return { ...page, nextLink: `${this.cloud.url}${target.id}/${target.lastSegment}?${nextQuery.toString()}` };
  }

  private async act({ target, query, body, principal, reply }: ArmRequest, type: string): Promise<unknown> {
    const record = this.cloud.resources.get(target.parentId);
    if (!record) throw notFound(target.parentId);
    const action = this.types.find(type).behaviour?.actions?.[target.lastSegment.toLowerCase()];
    if (!action) {
      throw new ArmError(
        501,
        "NotImplemented",
        `The local cloud has no action '${target.lastSegment}' on '${type}'. See docs/local.md.`,
      );
    }
    const answer = await action({ record, body, query, principal }, this.cloud);
    return reply
      .status(answer.status)
      .headers(answer.headers ?? {})
      .send(answer.body);
  }

  private operationStatus(id: string, reply: FastifyReply): unknown {
    const operation = this.operations.get(id);
    if (!operation) throw new ArmError(404, "OperationNotFound", `There is no operation '${id}'.`);
    if (operation.status === "InProgress") void reply.headers(retryHeaders);
    const { status, startTime, endTime, error } = operation;
    return { id, name: id, status, startTime, endTime, error };
  }

  private operationUrl(record: ResourceRecord, id: string, query: Query): string {
    const namespace = record.type.split("/")[0];
    return `${this.cloud.url}/subscriptions/${this.cloud.subscriptionId}/providers/${namespace}/locations/${this.cloud.location}/operationsStatus/${id}?api-version=${query["api-version"]}`;
  }

  private existing(target: ArmTarget): ResourceRecord {
    const record = this.cloud.resources.get(target.id);
    if (!record) {
      const group = resourceGroupOf(target.id);
      if (group && !this.cloud.resources.get(group)) throw groupNotFound(group);
      throw notFound(target.id);
    }
    return record;
  }

  /** The form in which a resource is answered. */
  private answer(record: ResourceRecord): Record<string, unknown> {
    const view = this.types.find(record.type).behaviour?.view?.(record, this.cloud);
    return view ? { ...record, properties: { ...record.properties, ...view } } : { ...record };
  }

  private async checkParents(target: ArmTarget): Promise<void> {
    const group = resourceGroupOf(target.id);
    if (group && target.id.length > group.length && !this.cloud.resources.get(group)) throw groupNotFound(group);
    if (this.parentExists(target.parentId)) return;
    const parent = parseTarget(target.parentId);
    const container = parent && autoContainers[parent.type.toLowerCase()];
    if (!parent || !container) {
      throw new ArmError(
        404,
        "ParentResourceNotFound",
        `Failed to perform the operation on '${target.name}': the parent resource '${target.parentId}' was not found.`,
      );
    }
    await this.checkParents(parent);
    await this.cloud.resources.put({
      id: parent.id,
      name: parent.name,
      type: this.types.find(parent.type).type,
      properties: { provisioningState: "Succeeded", isArchived: false },
    });
  }

  private parentExists(id: string): boolean {
    return (
      /^\/subscriptions\/[^/]+$/i.test(id) ||
      /\/blobServices\/default$/i.test(id) ||
      this.cloud.resources.get(id) !== undefined
    );
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

/** Containers of asset versions come into being with the first version. */
const autoContainers: Record<string, true> = Object.fromEntries(
  ["data", "models", "environments", "codes"].map((collection) => [
    `microsoft.machinelearningservices/workspaces/${collection}`,
    true,
  ]),
);

function refusal(violations: readonly { code: string; message: string; target: string }[]): ArmError {
  const [first] = violations;
  const message = violations.map((violation) => violation.message).join(" ");
  return new ArmError(
    400,
    first?.code ?? "InvalidRequestContent",
    `The request content was invalid: ${message}`,
    first?.target,
    violations,
  );
}

function notFound(id: string): ArmError {
  const target = parseTarget(id);
  return new ArmError(
    404,
    "ResourceNotFound",
    `The Resource '${target?.type ?? ""}/${target?.name ?? id}' under resource group '${resourceGroupOf(id)?.split("/").at(-1) ?? ""}' was not found.`,
  );
}

function groupNotFound(group: string): ArmError {
  return new ArmError(404, "ResourceGroupNotFound", `Resource group '${group.split("/").at(-1)}' could not be found.`);
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T;
}
