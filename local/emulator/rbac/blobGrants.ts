import type { ResourceRecord } from "../contracts";
import { isWithin, permits, type ActionKind, type Assignment } from "./permissions";

/** What a request to the blob service needs, by the names that Azure has for it below `blobServices/`. */
const permissions = {
  "service/read": ["action", "read"],
  "service/write": ["action", "write"],
  "service/delegate": ["action", "generateUserDelegationKey/action"],
  "containers/read": ["action", "containers/read"],
  "containers/write": ["action", "containers/write"],
  "containers/delete": ["action", "containers/delete"],
  "blobs/read": ["dataAction", "containers/blobs/read"],
  "blobs/write": ["dataAction", "containers/blobs/write"],
  "blobs/delete": ["dataAction", "containers/blobs/delete"],
  "blobs/tags/read": ["dataAction", "containers/blobs/tags/read"],
  "blobs/tags/write": ["dataAction", "containers/blobs/tags/write"],
  "blobs/filter": ["dataAction", "containers/blobs/filter/action"],
} as const satisfies Record<string, readonly [ActionKind, string]>;

export type BlobPermission = keyof typeof permissions;

export interface BlobGrant {
  principalId: string;
  /** In lower case; the whole account when absent. */
  container?: string;
  may: readonly BlobPermission[];
}

/** By the name of the account. */
export type BlobGrants = Record<string, readonly BlobGrant[]>;

/** What the role assignments mean for blobs: those of the accounts, of all above them, and of their containers. */
export function blobGrants(accounts: readonly ResourceRecord[], assignments: readonly Assignment[]): BlobGrants {
  return Object.fromEntries(
    accounts.map(({ name, id }) => [name, assignments.flatMap((assignment) => grantOf(assignment, id.toLowerCase()))]),
  );
}

function grantOf({ principalId, role, scope }: Assignment, account: string): BlobGrant[] {
  const [, container] = scope.split(`${account}/blobservices/default/containers/`);
  if (!isWithin(account, scope) && (!scope.startsWith(account) || !container)) return [];
  const names = Object.keys(permissions) as BlobPermission[];
  const may = names.filter((name) => {
    const [kind, action] = permissions[name];
    return permits(role, `Microsoft.Storage/storageAccounts/blobServices/${action}`, kind);
  });
  return may.length === 0 ? [] : [{ principalId, may, ...(container ? { container } : {}) }];
}

/** @param container in lower case; none for a request to the account */
export function mayUseBlobs(
  grants: BlobGrants,
  account: string,
  container: string | undefined,
  principalId: string,
  permission: BlobPermission,
): boolean {
  const given = Object.hasOwn(grants, account) ? grants[account] : [];
  return given.some(
    (grant) =>
      grant.principalId === principalId &&
      (grant.container === undefined || grant.container === container) &&
      grant.may.includes(permission),
  );
}
