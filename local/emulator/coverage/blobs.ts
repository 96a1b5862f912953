import type { CoverageRow } from "./index";

const full = (operation: string): CoverageRow => ({ subject: "Blob storage", operation, state: "full" });
const partial = (operation: string, gap: string): CoverageRow => ({
  subject: "Blob storage",
  operation,
  state: "partial",
  gap,
});
const refused = (operation: string, gap: string): CoverageRow => ({
  subject: "Blob storage",
  operation,
  state: "refused",
  gap,
});

/** The blob service is Azurite behind the checks of this cloud; see local/emulator/blobAccess.ts. */
export const blobRows: readonly CoverageRow[] = [
  full("list, create and delete containers"),
  full("put, get, list, copy and delete blobs; blocks, pages, appends; leases, metadata, tags, snapshots"),
  full("Microsoft Entra tokens, by role assignments"),
  full("user delegation keys, and addresses signed with them"),
  partial("addresses", "path-style alone: the account is the first segment of the path"),
  partial("networkAcls, encryption, retention, versioning, tiers", "kept by Resource Manager, without effect on blobs"),
  refused(
    "account keys and what is signed with them",
    "KeyBasedAuthenticationNotPermitted, as accounts without keys answer",
  ),
  refused("blobs that everybody may read", "PublicAccessNotPermitted, as accounts without public access answer"),
  refused("files, queues, tables, hierarchical namespace", "Azurite's blob service has none"),
];
