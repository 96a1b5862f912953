import type { BlobPermission } from "./rbac/blobGrants";

/** What a request to the blob service is about, and what its sender must be allowed there. */
export interface BlobTarget {
  account: string;
  /** In lower case; none for a request to the account as a whole. */
  container?: string;
  permission: BlobPermission;
}

/**
 * Takes a request apart as Azure does:
 * https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory#permissions-for-calling-data-operations
 * @param path of a path-style address: /ACCOUNT/CONTAINER/BLOB
 */
export function blobTarget(method: string, path: string, query: URLSearchParams): BlobTarget {
  const [account = "", container = "", ...blob] = path.split("/").slice(1).map(decoded);
  const reads = method === "GET" || method === "HEAD";
  const comp = query.get("comp")?.toLowerCase() ?? "";
  const target = (permission: BlobPermission): BlobTarget => ({
    account,
    permission,
    ...(container ? { container: container.toLowerCase() } : {}),
  });
  if (!container) return target(servicePermission(reads, comp));
  if (query.get("restype")?.toLowerCase() === "container") return target(containerPermission(method, reads, comp));
  if (blob.length === 0 && comp === "batch") return target("blobs/delete");
  if (comp === "tags") return target(reads ? "blobs/tags/read" : "blobs/tags/write");
  return target(reads ? "blobs/read" : method === "DELETE" ? "blobs/delete" : "blobs/write");
}

function servicePermission(reads: boolean, comp: string): BlobPermission {
  switch (comp) {
    case "list":
      return "containers/read";
    case "blobs":
      return "blobs/filter";
    case "userdelegationkey":
      return "service/delegate";
    case "batch":
      return "blobs/delete";
    default:
      return reads ? "service/read" : "service/write";
  }
}

function containerPermission(method: string, reads: boolean, comp: string): BlobPermission {
  if (comp === "list") return "blobs/read";
  if (comp === "blobs") return "blobs/filter";
  if (comp === "batch") return "blobs/delete";
  return reads ? "containers/read" : method === "DELETE" ? "containers/delete" : "containers/write";
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
