import { ArmError, type ResourceRecord, type ResourceStore, type TypeBehaviour } from "../contracts";
import { isWithin } from "../rbac/permissions";

export const lockType = "Microsoft.Authorization/locks";

export const lockBehaviours: readonly TypeBehaviour[] = [{ type: lockType }];

interface Lock {
  /** What is locked, as its id is spelled. */
  scope: string;
  level: string;
}

/** Locks, which are few, held in memory: https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources */
export class Locks {
  private locks: readonly Lock[] = [];

  constructor(private readonly resources: ResourceStore) {
    this.refresh();
  }

  /** After a lock was written or removed. */
  refresh(): void {
    this.locks = this.resources.listAll(lockType).map(({ id, properties }: ResourceRecord) => ({
      scope: id.replace(/\/providers\/Microsoft\.Authorization\/locks\/[^/]+$/i, ""),
      level: String(properties.level).toLowerCase(),
    }));
  }

  /**
   * Locks themselves can be made and removed all the same.
   * @throws ArmError 409 when a lock at the scope, above it or, for a deletion, below it does not let it pass
   */
  check(id: string, type: string, operation: "write" | "delete"): void {
    if (type.toLowerCase() === lockType.toLowerCase()) return;
    const target = id.toLowerCase();
    const holding = this.locks.filter(({ scope, level }) => {
      const at = scope.toLowerCase();
      if (level === "readonly") return isWithin(target, at) || (operation === "delete" && isWithin(at, target));
      return level === "cannotdelete" && operation === "delete" && (isWithin(target, at) || isWithin(at, target));
    });
    if (holding.length === 0) return;
    throw new ArmError(
      409,
      "ScopeLocked",
      `The scope '${id}' cannot perform ${operation} operation because following scope(s) are locked: '${holding.map(({ scope }) => scope).join(",")}'. Please remove the lock and try again.`,
    );
  }
}
