import { randomUUID } from "node:crypto";
import type { ActivityLog, LoggedRequest } from "./activityLog";
import { SoftDeleted } from "./softDeleted";
import { assignmentType } from "../rbac/access";
import { ArmError, type Cloud, type ResourceRecord, type Table, type TypeBehaviour } from "../contracts";

export interface Operation {
  id: string;
  resourceId: string;
  kind: "provision" | "delete" | "action";
  /** Whether the resource was made by this operation. */
  created: boolean;
  /** Whether a deleted resource cannot be recovered. */
  purge?: boolean;
  /** What was asked for by an action. */
  action?: { name: string; body: unknown };
  /** Body of an action's result. */
  result?: unknown;
  /** For the activity log, which tells of its end. */
  logged?: LoggedRequest;
  status: "InProgress" | "Succeeded" | "Failed";
  startTime: string;
  endTime?: string;
  error?: { code: string; message: string };
}

const keptOperations = 500;

/**
 * Long-running operations. They are stored together with the state of their resource before they are answered, so a cloud
 * that starts again goes on with those that were under way.
 */
export class Operations {
  private readonly table: Table<Operation>;
  readonly softDeleted: SoftDeleted;

  constructor(
    private readonly cloud: Cloud,
    private readonly behaviourOf: (type: string) => TypeBehaviour | undefined,
    private readonly log: ActivityLog,
  ) {
    this.table = cloud.store.table("operations");
    this.softDeleted = new SoftDeleted(cloud, behaviourOf);
  }

  /** Stores the record (and what else `write` stores) with its operation, and begins with it. */
  async begin(
    kind: Operation["kind"],
    record: ResourceRecord,
    created: boolean,
    { write, purge, action, logged }: Pick<Operation, "purge" | "action" | "logged"> & { write?: () => void } = {},
  ): Promise<Operation> {
    const operation: Operation = {
      id: randomUUID(),
      resourceId: record.id,
      kind,
      created,
      ...(purge ? { purge } : {}),
      ...(action ? { action } : {}),
      ...(logged ? { logged } : {}),
      status: "InProgress",
      startTime: this.cloud.now().toISOString(),
    };
    await this.cloud.store.transaction(() => {
      write?.();
      void this.cloud.resources.put(record);
      void this.table.put(operation.id, operation);
    });
    void this.run(operation);
    return operation;
  }

  get(id: string): Operation | undefined {
    return this.table.get(id);
  }

  /** Goes on with what a previous process left. */
  resume(): void {
    for (const { value } of [...this.table.list()]) if (value.status === "InProgress") void this.run(value);
  }

  /** Ends what goes on for all below a resource and for itself, and removes them; those that can be recovered are kept. */
  async remove(id: string, purge = false): Promise<void> {
    const { resources } = this.cloud;
    const record = resources.get(id);
    const doomed = [...resources.below(id).reverse(), ...(record ? [record] : [])];
    const retained = purge ? [] : this.softDeleted.retained(doomed);
    const kept = new Set(retained.flatMap((entry) => [entry.record, ...entry.children]));
    for (const one of doomed) if (!kept.has(one)) await this.behaviourOf(one.type)?.removed?.(one, this.cloud);
    await resources.remove(id, () => retained.forEach((entry) => this.softDeleted.keep(entry)));
    if (doomed.some(({ type }) => type === assignmentType)) await this.cloud.access.refresh();
  }

  private async run(operation: Operation): Promise<void> {
    try {
      const result = await this.perform(operation);
      await this.finish({ ...operation, ...(result === undefined ? {} : { result }), status: "Succeeded" });
    } catch (error) {
      const known =
        error instanceof ArmError
          ? { code: error.code, message: error.message }
          : { code: "InternalServerError", message: String(error) };
      this.cloud.log.warn({ resource: operation.resourceId, error: known }, "operation failed");
      await this.fail(operation, known).catch((cause: unknown) => this.cloud.log.error({ err: cause }, "not stored"));
    }
  }

  private perform(operation: Operation): Promise<unknown> {
    const { kind, resourceId, purge } = operation;
    if (kind === "action") return this.act(operation);
    return kind === "provision" ? this.provision(operation) : this.remove(resourceId, purge);
  }

  private async act({ resourceId, action, startTime }: Operation): Promise<unknown> {
    const record = this.cloud.resources.get(resourceId);
    if (!record || !action) return undefined;
    const { name, body } = action;
    return this.behaviourOf(record.type)?.longActions?.[name]?.run({ record, body, startTime }, this.cloud);
  }

  private async fail(operation: Operation, error: { code: string; message: string }): Promise<void> {
    if (operation.kind !== "action")
      await this.cloud.resources.patchProperties(operation.resourceId, { provisioningState: "Failed" });
    await this.finish({ ...operation, status: "Failed", error });
  }

  private async finish(operation: Operation): Promise<void> {
    const { logged, status, error } = operation;
    if (logged) this.log.record(logged, status === "Failed" ? "Failed" : "Succeeded", { code: error?.code });
    await this.table.put(operation.id, { ...operation, endTime: this.cloud.now().toISOString() });
    // Finished ones are kept for pollers that are late, but not for ever.
    const finished = [...this.table.list()].flatMap(({ value: { id, endTime } }) => (endTime ? [{ id, endTime }] : []));
    const doomed = finished.sort((a, b) => (a.endTime < b.endTime ? -1 : 1)).slice(0, -keptOperations);
    for (const { id } of doomed) await this.table.remove(id);
  }

  private async provision({ resourceId, created }: Operation): Promise<void> {
    const record = this.cloud.resources.get(resourceId);
    if (!record) return;
    const behaviour = this.behaviourOf(record.type);
    const provisioned = (await behaviour?.provision?.(record, this.cloud)) ?? {};
    const ready = this.cloud.resources.get(resourceId);
    if (!ready) return;
    // What belongs to the resource is there before a client is told that the resource is.
    await behaviour?.afterPut?.({ ...ready, properties: { ...ready.properties, ...provisioned } }, created, this.cloud);
    await this.cloud.resources.patchProperties(resourceId, { ...provisioned, provisioningState: "Succeeded" });
  }
}
