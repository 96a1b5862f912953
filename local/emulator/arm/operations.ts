import { randomUUID } from "node:crypto";
import { ArmError, type Cloud, type ResourceRecord, type Table, type TypeBehaviour } from "../contracts";

interface Operation {
  id: string;
  resourceId: string;
  kind: "provision" | "delete";
  status: "InProgress" | "Succeeded" | "Failed";
  startTime: string;
  endTime?: string;
  error?: { code: string; message: string };
}

/**
 * Long-running operations. They are stored before they are answered, so a cloud that starts again goes on with those that
 * were under way.
 */
export class Operations {
  private readonly table: Table<Operation>;

  constructor(
    private readonly cloud: Cloud,
    private readonly behaviourOf: (type: string) => TypeBehaviour | undefined,
  ) {
    this.table = cloud.store.table("operations");
  }

  /** Stores the operation and begins with it. */
  async begin(kind: Operation["kind"], record: ResourceRecord): Promise<Operation> {
    const operation: Operation = {
      id: randomUUID(),
      resourceId: record.id,
      kind,
      status: "InProgress",
      startTime: this.cloud.now().toISOString(),
    };
    await this.table.put(operation.id, operation);
    void this.run(operation);
    return operation;
  }

  get(id: string): Operation | undefined {
    return this.table.get(id);
  }

  /** Goes on with what a previous process left. */
  resume(): void {
    for (const { value } of this.table.list()) if (value.status === "InProgress") void this.run(value);
  }

  private async run(operation: Operation): Promise<void> {
    try {
      await (operation.kind === "provision" ? this.provision(operation.resourceId) : this.remove(operation.resourceId));
      await this.finish({ ...operation, status: "Succeeded" });
    } catch (error) {
      const known =
        error instanceof ArmError
          ? { code: error.code, message: error.message }
          : { code: "InternalServerError", message: String(error) };
      this.cloud.log.warn({ resource: operation.resourceId, error: known }, "operation failed");
      await this.cloud.resources.patchProperties(operation.resourceId, { provisioningState: "Failed" });
      await this.finish({ ...operation, status: "Failed", error: known });
    }
  }

  private async finish(operation: Operation): Promise<void> {
    await this.table.put(operation.id, { ...operation, endTime: this.cloud.now().toISOString() });
    // Finished ones are kept for pollers that are late, but not for ever.
    const finished = [...this.table.list()].map(({ value }) => value).filter(({ endTime }) => endTime);
    const doomed = finished.sort((a, b) => (a.endTime! < b.endTime! ? -1 : 1)).slice(0, -keptOperations);
    for (const { id } of doomed) await this.table.remove(id);
  }

  private async provision(id: string): Promise<void> {
    const record = this.cloud.resources.get(id);
    if (!record) return;
    const behaviour = this.behaviourOf(record.type);
    const provisioned = (await behaviour?.provision?.(record, this.cloud)) ?? {};
    await this.cloud.resources.patchProperties(id, { ...provisioned, provisioningState: "Succeeded" });
    const done = this.cloud.resources.get(id);
    if (done) await behaviour?.afterPut?.(done, false, this.cloud);
  }

  /** What a deletion entails was done, or refused, when it was asked for. */
  private remove(id: string): Promise<void> {
    return this.cloud.resources.remove(id);
  }
}

const keptOperations = 500;
