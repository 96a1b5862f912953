import { service, subscriptionId } from "../constants";
import { ArmError, type AccessControl, type Principal, type ResourceStore } from "../contracts";
import { blobGrants, type BlobGrants } from "./blobGrants";
import { assignmentOf, isAllowed, isWithin, type ActionKind, type Assignment } from "./permissions";
import type { Role } from "./roles";

export const assignmentType = "Microsoft.Authorization/roleAssignments";
const accountType = "Microsoft.Storage/storageAccounts";

/** Who may do what: the role assignments, which are few, held in memory. */
export class Access implements AccessControl {
  private assignments: readonly Assignment[] = [];

  /** @param publish hands the blob service what concerns it, and resolves when it goes by that */
  constructor(
    private readonly resources: ResourceStore,
    private readonly publish: (grants: BlobGrants) => Promise<void>,
  ) {
    this.load();
  }

  get grants(): BlobGrants {
    return blobGrants(this.resources.listAll(accountType), this.assignments);
  }

  async refresh(): Promise<void> {
    this.load();
    await this.publish(this.grants);
  }

  allows({ objectId }: Principal, action: string, scope: string, kind?: ActionKind): boolean {
    return objectId === service.objectId || isAllowed(this.assignments, objectId, action, scope, kind);
  }

  authorize(principal: Principal, action: string, scope: string): void {
    if (this.allows(principal, action, scope)) return;
    // The words of Azure Resource Manager.
    throw new ArmError(
      403,
      "AuthorizationFailed",
      `The client '${principal.clientId}' with object id '${principal.objectId}' does not have authorization to perform action '${action}' over scope '${scope || `/subscriptions/${subscriptionId}`}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    );
  }

  rolesOf({ objectId }: Principal, scope: string): Role[] {
    return this.assignments
      .filter(
        (assignment) =>
          assignment.principalId === objectId.toLowerCase() && isWithin(scope.toLowerCase(), assignment.scope),
      )
      .map(({ role }) => role);
  }

  private load(): void {
    this.assignments = this.resources
      .listAll(assignmentType)
      .flatMap(({ properties }) => assignmentOf(properties) ?? []);
  }
}
