import type { IncomingHttpHeaders } from "node:http";
import jwt from "jsonwebtoken";
import { blobTarget, type BlobTarget } from "./blobRequest";
import { issuer, service, tenantId } from "./constants";
import { localExpiryClaim } from "./identity/claims";
import { mayUseBlobs, type BlobGrants } from "./rbac/blobGrants";
import { localTimeAt, type ClockState } from "./time/clock";

/** Why a request to the blob service is not answered, in the words of Azure Storage. */
export interface Refusal {
  status: 401 | 403 | 409;
  code: string;
  message: string;
  headers?: Record<string, string>;
}

/** What requests are checked against. */
export interface BlobAuthority {
  /** How the clock of the cloud has run, by which tokens and signed addresses expire. */
  clock: readonly ClockState[];
  /** PEM of the key that signatures of tokens are checked with. */
  checkingKey: string;
  grants: BlobGrants;
}

export interface BlobRequestHead {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
}

/** Tokens for storage as a whole, or for one account by its name in public Azure. */
const audience = /^https:\/\/(storage\.azure\.com|[a-z0-9]{3,24}\.blob\.core\.windows\.net)\/?$/;

const challenge = `Bearer authorization_uri=https://login.microsoftonline.com/${tenantId}/oauth2/authorize resource_id=https://storage.azure.com`;

/**
 * What Azurite lets pass and an account of this platform does not: tokens that are not signed by this cloud, account keys,
 * requests of nobody, also for containers that are called public, and requests of who has no role that allows them.
 */
export function refusalOf({ method, url, headers }: BlobRequestHead, authority: BlobAuthority): Refusal | undefined {
  if (headers["x-ms-blob-public-access"] !== undefined) return noPublicAccess;
  const [path = "", queryText] = url.split("?");
  const query = new URLSearchParams(queryText);
  const sender = senderOf(headers, query, authority);
  if (typeof sender !== "string") return sender;
  const targets = [blobTarget(method, path, query), ...copySources(headers)];
  return targets.every((target) => isAllowed(sender, target, authority.grants)) ? undefined : noPermission;
}

/** Object id of who asks, or why that is nobody. */
function senderOf(headers: IncomingHttpHeaders, query: URLSearchParams, authority: BlobAuthority): string | Refusal {
  const [scheme = "", token = ""] = (headers.authorization ?? "").split(" ");
  switch (scheme.toLowerCase()) {
    case "bearer":
      return objectIdOf(token, authority) ?? unauthenticated;
    case "sharedkey":
    case "sharedkeylite":
      return noKeys;
    case "":
      // Azurite checks the signature of an address; who asked for the key that it is made with has to have the role.
      if (!query.has("sig")) return noPublicAccess;
      return isOver(query, authority.clock) ? signatureOver : (query.get("skoid") ?? noKeys);
    default:
      return unauthenticated;
  }
}

function isAllowed(sender: string, { account, container, permission }: BlobTarget, grants: BlobGrants): boolean {
  return sender === service.objectId || mayUseBlobs(grants, account, container, sender.toLowerCase(), permission);
}

/** Blobs that a request reads beside its own target; one with a signed address shows its own right. */
function copySources(headers: IncomingHttpHeaders): BlobTarget[] {
  const source = headers["x-ms-copy-source"];
  if (typeof source !== "string" || !URL.canParse(source)) return [];
  const { pathname, searchParams } = new URL(source);
  return searchParams.has("sig") ? [] : [blobTarget("GET", pathname, searchParams)];
}

/** Who signs an address has a clock of his own; what he grants, from a begin to an end, lasts as long by the cloud's clock. */
function isOver(query: URLSearchParams, clock: readonly ClockState[]): boolean {
  const [begin, end] = [query.get("st") ?? query.get("skt"), query.get("se")].map((text) => Date.parse(text ?? ""));
  if (begin === undefined || end === undefined || !(begin <= end)) return false;
  return localTimeAt(clock, Date.now()) > localTimeAt(clock, begin) + (end - begin);
}

function objectIdOf(token: string, { checkingKey, clock }: BlobAuthority): string | undefined {
  try {
    const claims = jwt.verify(token, checkingKey, { algorithms: ["RS256"], issuer }) as jwt.JwtPayload;
    const isOurs = typeof claims.aud === "string" && audience.test(claims.aud);
    const isOver = localTimeAt(clock, Date.now()) >= Number(claims[localExpiryClaim]);
    return isOurs && !isOver && typeof claims.oid === "string" ? claims.oid : undefined;
  } catch {
    return undefined;
  }
}

const unauthenticated: Refusal = {
  status: 401,
  code: "InvalidAuthenticationInfo",
  message: "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.",
  headers: { "www-authenticate": challenge },
};

const signatureOver: Refusal = {
  status: 403,
  code: "AuthenticationFailed",
  message:
    "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature. Signature not valid in the specified time frame.",
};

const noPermission: Refusal = {
  status: 403,
  code: "AuthorizationPermissionMismatch",
  message: "This request is not authorized to perform this operation using this permission.",
};

const noKeys: Refusal = {
  status: 403,
  code: "KeyBasedAuthenticationNotPermitted",
  message: "Key based authentication is not permitted on this storage account.",
};

const noPublicAccess: Refusal = {
  status: 409,
  code: "PublicAccessNotPermitted",
  message: "Public access is not permitted on this storage account.",
};
