import type { IncomingHttpHeaders } from "node:http";
import jwt from "jsonwebtoken";
import { issuer, tenantId } from "./constants";

/** Why a request to the blob service is not answered, in the words of Azure Storage. */
export interface Refusal {
  status: 401 | 403 | 409;
  code: string;
  message: string;
  headers?: Record<string, string>;
}

/** Tokens for storage as a whole, or for one account by its name in public Azure. */
const audience = /^https:\/\/(storage\.azure\.com|[a-z0-9]{3,24}\.blob\.core\.windows\.net)\/?$/;

const challenge = `Bearer authorization_uri=https://login.microsoftonline.com/${tenantId}/oauth2/authorize resource_id=https://storage.azure.com`;

/**
 * What Azurite lets pass and an account of this platform does not: tokens that are not signed by this cloud, account keys,
 * and requests of nobody, also for containers that are called public.
 * @param checkingKey PEM of the key that signatures are checked with
 */
export function refusalOf(
  headers: IncomingHttpHeaders,
  query: URLSearchParams,
  checkingKey: string,
): Refusal | undefined {
  if (headers["x-ms-blob-public-access"] !== undefined) return noPublicAccess;
  const [scheme = "", token = ""] = (headers.authorization ?? "").split(" ");
  switch (scheme.toLowerCase()) {
    case "bearer":
      return isOurs(token, checkingKey) ? undefined : unauthenticated;
    case "sharedkey":
    case "sharedkeylite":
      return noKeys;
    case "":
      // A signed address is checked by Azurite; it can be made with a user delegation key alone.
      return query.has("sig") ? undefined : noPublicAccess;
    default:
      return unauthenticated;
  }
}

function isOurs(token: string, checkingKey: string): boolean {
  try {
    const claims = jwt.verify(token, checkingKey, { algorithms: ["RS256"], issuer }) as jwt.JwtPayload;
    return typeof claims.aud === "string" && audience.test(claims.aud);
  } catch {
    return false;
  }
}

const unauthenticated: Refusal = {
  status: 401,
  code: "InvalidAuthenticationInfo",
  message: "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.",
  headers: { "www-authenticate": challenge },
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
