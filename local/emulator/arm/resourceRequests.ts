import type { FastifyReply, FastifyRequest } from "fastify";
import { ArmError, type Cloud, type LongAction, type Principal, type ResourceRecord } from "../contracts";
import type { LoggedRequest } from "./activityLog";
import { checkConditions } from "./conditions";
import { groupBeingDeleted, groupNotFound, notImplemented, resourceNotFound } from "./errors";
import { parseTarget, resourceGroupOf, type ArmTarget } from "./ids";
import { lockType, type Locks } from "./locks";
import { retryHeaders, type OperationAnswers } from "./operationAnswers";
import type { Operations } from "./operations";
import { Registrations } from "./registrations";
import { Turns } from "./turns";
import type { TypeRegistry } from "./types";
import { answerOf, ArmWriter, refuseWhenBusy, type Written } from "./write";

/** A request to a resource that is allowed, and that no lock forbids. */
export interface ArmRequest {
  path: string;
  target: ArmTarget;
  query: Record<string, string>;
  apiVersion: string;
  body: unknown;
  principal: Principal;
  headers: FastifyRequest["headers"];
  reply: FastifyReply;
  logged: LoggedRequest;
}

/** What a resource answers: PUT, PATCH, DELETE, GET and HEAD one after the other, and its actions. */
export class ResourceRequests {
  private readonly writer: ArmWriter;
  private readonly turns = new Turns();
  private readonly registrations: Registrations;

  constructor(
    private readonly cloud: Cloud,
    private readonly types: TypeRegistry,
    private readonly operations: Operations,
    private readonly operationAnswers: OperationAnswers,
    private readonly locks: Locks,
  ) {
    this.writer = new ArmWriter(cloud, types, operations);
    this.registrations = new Registrations(cloud);
  }

  async answer(method: string, request: ArmRequest): Promise<unknown> {
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
        return this.shown(this.existing(target), reply);
      case "HEAD":
        this.existing(target);
        return reply.status(204).send();
      default:
        throw methodNotAllowed(`resource '${request.path}'`, method);
    }
  }

  private answerWritten({ record, created, operation }: Written, { apiVersion, reply }: ArmRequest): unknown {
    if (record.type === lockType) this.locks.refresh();
    const createdStatus = this.types.find(record.type).behaviour?.createdStatus ?? 201;
    if (!operation) return reply.status(created ? createdStatus : 200).send(this.shown(record, reply));
    return reply
      .status(created ? 201 : 200)
      .headers({ ...retryHeaders, "azure-asyncoperation": this.operationAnswers.url(operation, record, apiVersion) })
      .send(this.shown(record, reply));
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
      return reply.status(200).send(behaviour?.answersDeleted ? this.shown(record) : undefined);
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

  async act(request: ArmRequest, type: string): Promise<unknown> {
    const { target, query, body, principal, reply } = request;
    const { actions, longActions } = this.types.find(type).behaviour ?? {};
    const name = target.lastSegment.toLowerCase();
    const [action, longAction] = [actions?.[name], longActions?.[name]];
    if (!action && !longAction) throw notImplemented(`action '${target.lastSegment}' on '${type}'`);
    const record = this.existing(parseTarget(target.parentId) ?? target);
    if (longAction) return this.actLater(request, record, longAction);
    const answer = await action!({ record, body, query, principal }, this.cloud);
    return reply
      .status(answer.status)
      .headers(answer.headers ?? {})
      .send(answer.body);
  }

  private async actLater(request: ArmRequest, record: ResourceRecord, longAction: LongAction): Promise<unknown> {
    const { target, query, body, principal, reply, apiVersion, logged } = request;
    longAction.check?.({ record, body, query, principal });
    const action = { name: target.lastSegment.toLowerCase(), body };
    const operation = await this.operations.begin("action", record, false, { action, logged });
    const location = this.operationAnswers.url(operation, record, apiVersion, "operationResults");
    return reply
      .status(202)
      .headers({ ...retryHeaders, location })
      .send();
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
  private shown(record: ResourceRecord, reply?: FastifyReply): Record<string, unknown> {
    if (reply && record.etag) void reply.header("etag", record.etag);
    return answerOf(record, this.types.find(record.type).behaviour, this.cloud);
  }
}

export function methodNotAllowed(what: string, method: string): ArmError {
  return new ArmError(405, "MethodNotAllowed", `The ${what} does not take ${method}.`);
}
