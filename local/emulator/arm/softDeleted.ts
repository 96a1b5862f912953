import { ArmError, type Cloud, type ResourceRecord, type Table, type TypeBehaviour } from "../contracts";

/** A deleted resource that can still be had back, with what is kept below it. */
export interface SoftDeletedResource {
  record: ResourceRecord;
  children: ResourceRecord[];
  deletedAt: string;
  purgeAt: string;
}

const dayMs = 24 * 60 * 60 * 1000;

/** Resources that have been deleted and not purged. They answer to no request but those to recover and to purge them. */
export class SoftDeleted {
  private readonly table: Table<SoftDeletedResource>;

  constructor(
    private readonly cloud: Cloud,
    private readonly behaviourOf: (type: string) => TypeBehaviour | undefined,
  ) {
    this.table = cloud.store.table("softDeleted");
  }

  /** Those of a type whose retention has not ended. */
  list(type: string): SoftDeletedResource[] {
    const now = this.cloud.now().toISOString();
    return [...this.table.list()].flatMap(({ value }) =>
      value.record.type.toLowerCase() === type.toLowerCase() && value.purgeAt > now ? [value] : [],
    );
  }

  /** The one that has an id, or, for types whose names are unique over all groups, a name. */
  find(type: string, id: string): SoftDeletedResource | undefined {
    const isWanted = this.behaviourOf(type)?.softDelete?.globalName
      ? ({ record }: SoftDeletedResource) => record.name.toLowerCase() === id.split("/").at(-1)?.toLowerCase()
      : ({ record }: SoftDeletedResource) => record.id.toLowerCase() === id.toLowerCase();
    return this.list(type).find(isWanted);
  }

  /** What of a subtree that is being deleted will be kept. */
  retained(subtree: readonly ResourceRecord[]): SoftDeletedResource[] {
    const now = this.cloud.now();
    return subtree.flatMap((record) => {
      const rule = this.behaviourOf(record.type)?.softDelete;
      if (!rule) return [];
      const below = `${record.id.toLowerCase()}/`;
      const children = subtree.filter((one) => one.id.toLowerCase().startsWith(below) && rule.keeps(one));
      const purgeAt = new Date(now.getTime() + rule.retentionDays(record) * dayMs).toISOString();
      return [{ record, children, deletedAt: now.toISOString(), purgeAt }];
    });
  }

  /** To be called in a transaction. */
  keep(entry: SoftDeletedResource): void {
    void this.table.put(entry.record.id.toLowerCase(), entry);
  }

  /** Puts a deleted resource back, with what was kept below it. */
  async recover({ record, children }: SoftDeletedResource): Promise<void> {
    await this.cloud.store.transaction(() => {
      for (const one of [record, ...children]) void this.cloud.resources.put(one);
      void this.table.remove(record.id.toLowerCase());
    });
  }

  async purge({ record, children }: SoftDeletedResource): Promise<void> {
    for (const one of [...children].reverse()) await this.behaviourOf(one.type)?.removed?.(one, this.cloud);
    await this.behaviourOf(record.type)?.removed?.(record, this.cloud);
    await this.table.remove(record.id.toLowerCase());
  }

  async purgeExpired(): Promise<void> {
    const now = this.cloud.now().toISOString();
    for (const { value } of [...this.table.list()]) if (value.purgeAt <= now) await this.purge(value);
  }

  /**
   * Before a PUT of a resource that is not there: recovers a deleted one when the body asks for it.
   * @throws ArmError when a deleted one has the name and is not asked back, or is asked back and is not there
   */
  async claim(type: string, id: string, body: unknown): Promise<void> {
    const rule = this.behaviourOf(type)?.softDelete;
    if (!rule) return;
    await this.purgeExpired();
    const entry = this.find(type, id);
    const wanted = wantsRecovery(rule.recoverBy, body);
    if (entry && wanted) return this.recover(entry);
    if (entry) throw rule.taken();
    if (wanted && rule.globalName) throw deletedNotFound(id);
  }
}

/** The words of Key Vault. */
export function deletedNotFound(id: string): ArmError {
  const name = id.split("/").at(-1) ?? "";
  return new ArmError(404, "DeletedVaultNotFound", `The specified deleted vault '${name}' does not exist.`);
}

function wantsRecovery([property, value]: readonly [string, string], body: unknown): boolean {
  const { properties } = (body ?? {}) as { properties?: Record<string, unknown> };
  return String(properties?.[property]).toLowerCase() === value.toLowerCase();
}

/** The body without the property that asks for recovery, which is an order and no state. */
export function withoutRecovery(behaviour: TypeBehaviour | undefined, body: unknown): unknown {
  const { properties } = (body ?? {}) as { properties?: unknown };
  if (!behaviour?.softDelete || typeof properties !== "object" || properties === null) return body;
  const { [behaviour.softDelete.recoverBy[0]]: _, ...others } = properties as Record<string, unknown>;
  return { ...(body as object), properties: others };
}
