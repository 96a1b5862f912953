import type { FastifyReply } from "fastify";
import { isMap } from "../../maps";
import { writableBody } from "../../schemas";
import { type Cloud, type Principal, type PutRequest, type ResourceRecord, type TypeBehaviour } from "../contracts";
import type { LoggedRequest } from "./activityLog";
import { checkName } from "../services/nameRules";
import { regionName } from "../regions";
import { assertName, busy, groupNotFound, invalidBody, parentNotFound } from "./errors";
import { parseTarget, resourceGroupOf, rootManagementGroup, type ArmTarget } from "./ids";
import { checkLocation } from "./location";
import { identityOf } from "./managedIdentities";
import { merged } from "./mergePatch";
import type { Operation, Operations } from "./operations";
import { withoutRecovery } from "./softDeleted";
import { checkTags } from "./tags";
import type { TypeRegistry } from "./types";

export interface Write {
  target: ArmTarget;
  apiVersion: string;
  body: unknown;
  principal: Principal;
  reply: FastifyReply;
  logged?: LoggedRequest;
}

/** The outcome of a PUT: the record as it is stored now, and the operation that goes on when it is a long-running one. */
export interface Written {
  record: ResourceRecord;
  created: boolean;
  operation?: Operation;
}

const busyStates = new Set(["Creating", "Updating", "Deleting"]);

/** @throws ArmError while another operation on the resource goes on */
export function refuseWhenBusy(record: ResourceRecord | undefined): void {
  const state = String(record?.properties.provisioningState);
  if (record && busyStates.has(state)) throw busy(record.name, state);
}

/** Creates and changes resources. */
export class ArmWriter {
  constructor(
    private readonly cloud: Cloud,
    private readonly types: TypeRegistry,
    private readonly operations: Operations,
  ) {}

  async put({ target, apiVersion, body, principal, logged }: Omit<Write, "reply">): Promise<Written> {
    const { resources, store } = this.cloud;
    const known = this.types.find(target.type);
    const { type, behaviour } = known;
    const { softDeleted } = this.operations;
    if (!resources.get(target.id)) {
      assertName(target.name, target.id);
      checkName(type, target.name);
      await softDeleted.claim(type, target.id, body);
    }
    const existing = resources.get(target.id);
    const containers = this.missingContainers(target, body);
    const { violations, body: content } = writableBody(
      type,
      withoutRecovery(behaviour, body) as PutRequest["body"],
      existing && answerOf(existing, behaviour, this.cloud),
    );
    if (violations.length > 0) throw invalidBody(violations);
    checkTags(type, content.tags);
    checkLocation(content.location, existing, known);
    refuseWhenBusy(existing);
    const request: PutRequest = {
      id: existing?.id ?? target.id,
      name: target.name,
      type,
      apiVersion,
      body: content,
      existing,
      principal,
    };
    await behaviour?.check?.(request, this.cloud);
    const properties = behaviour?.properties
      ? await behaviour.properties(request, this.cloud)
      : { ...content.properties };
    const record = this.recordOf(request, properties);
    const putContainers = () => {
      for (const container of containers) void resources.put(container);
    };
    const created = existing === undefined;
    if (behaviour?.provision) {
      record.properties.provisioningState = created ? "Creating" : "Updating";
      const operation = await this.operations.begin("provision", record, created, { write: putContainers, logged });
      return { record: resources.get(record.id) ?? record, created, operation };
    }
    await store.transaction(() => {
      putContainers();
      void resources.put(record);
    });
    await behaviour?.afterPut?.(record, created, this.cloud);
    return { record: resources.get(record.id) ?? record, created };
  }

  /** Merges into what is stored, as RFC 7396 says: null removes. */
  patch(record: ResourceRecord, write: Omit<Write, "reply">): Promise<Written> {
    const { location, sku, kind, identity, tags, properties } = record;
    const stored = withoutUndefined({ location, sku, kind, identity, tags, properties });
    return this.put({ ...write, body: merged(stored, write.body ?? {}) });
  }

  private recordOf(request: PutRequest, properties: Record<string, unknown>): ResourceRecord {
    const { body, existing } = request;
    return {
      id: request.id,
      name: existing?.name ?? request.name,
      type: request.type,
      ...withoutUndefined({
        location: existing?.location ?? (body.location === undefined ? undefined : regionName(body.location)),
        tags: body.tags,
        sku: body.sku as Record<string, unknown> | undefined,
        kind: body.kind as string | undefined,
        identity: identityOf(body.identity as Record<string, unknown> | undefined, existing, this.cloud),
      }),
      systemData: this.systemData(request.principal, existing),
      properties: { provisioningState: "Succeeded", ...properties },
    };
  }

  private systemData({ name }: Principal, existing: ResourceRecord | undefined): Record<string, unknown> {
    const now = this.cloud.now().toISOString();
    return {
      createdAt: existing?.systemData?.createdAt ?? now,
      createdBy: existing?.systemData?.createdBy ?? name,
      createdByType: "Application",
      lastModifiedAt: now,
      lastModifiedBy: name,
      lastModifiedByType: "Application",
    };
  }

  /**
   * Containers that the resource's PUT brings into being: those of asset versions come with the first version.
   * @throws ArmError when any other parent is not there
   */
  private missingContainers(target: ArmTarget, version: unknown): ResourceRecord[] {
    const group = resourceGroupOf(target.id);
    if (group && target.id.length > group.length && !this.cloud.resources.get(group)) throw groupNotFound(group);
    if (parentExists(this.cloud, target.parentId)) return [];
    const parent = parseTarget(target.parentId);
    if (!parent || !autoContainers.has(parent.type.toLowerCase())) throw parentNotFound(target.name, target.parentId);
    checkName(parent.type, parent.name);
    return [
      ...this.missingContainers(parent, undefined),
      {
        id: parent.id,
        name: parent.name,
        type: this.types.find(parent.type).type,
        properties: { provisioningState: "Succeeded", isArchived: false, ...containerProperties(version) },
      },
    ];
  }
}

const autoContainers = new Set(
  ["workspaces/data", "workspaces/models", "workspaces/environments", "workspaces/codes", "registries/models"].map(
    (kind) => `microsoft.machinelearningservices/${kind}`,
  ),
);

/** All versions of a data asset are of the type of its container. */
function containerProperties(version: unknown): Record<string, unknown> {
  const { properties } = isMap(version) ? version : {};
  const { dataType } = isMap(properties) ? properties : {};
  return dataType === undefined ? {} : { dataType };
}

/** The form in which a resource is answered. */
export function answerOf(
  record: ResourceRecord,
  behaviour: TypeBehaviour | undefined,
  cloud: Cloud,
): Record<string, unknown> {
  const view = behaviour?.view?.(record, cloud);
  return view ? { ...record, properties: { ...record.properties, ...view } } : { ...record };
}

/** Subscriptions are always there, the blob service is with its account, and keys are made in the vault's data plane. */
export function parentExists(cloud: Cloud, id: string): boolean {
  return (
    /^\/subscriptions\/[^/]+$/i.test(id) ||
    id.toLowerCase() === rootManagementGroup(cloud.tenantId).toLowerCase() ||
    cloud.resources.get(id.replace(/\/blobServices\/default$|(?<=\/vaults\/[^/]+)\/keys\/[^/]+$/i, "")) !== undefined
  );
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T;
}
