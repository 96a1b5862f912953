import { createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import jwt from "jsonwebtoken";
import type { Application, FederatedCredential } from "./applications";
import { invalidAssertion } from "./oauthErrors";

const algorithms: jwt.Algorithm[] = ["RS256", "RS384", "RS512", "PS256", "ES256"];

/**
 * Checks a federated assertion of a workload as Entra does.
 * @param ownKey by issuer: keys of issuers that need none of their own in the credential
 * @throws OAuthError
 */
export function checkAssertion(
  { federated }: Application,
  assertion: string,
  ownKey: (issuer: string) => KeyObject | undefined,
): void {
  const decoded = jwt.decode(assertion, { complete: true });
  if (!decoded || typeof decoded.payload === "string")
    throw invalidAssertion(50027, "JWT token is invalid or malformed.");
  const { header, payload } = decoded;
  const credential = matching(federated, payload);
  const key = ownKey(credential.issuer) ?? keyOf(credential.keys ?? [], header.kid);
  if (!key)
    throw invalidAssertion(
      700027,
      `Client assertion failed signature validation: the key '${header.kid ?? ""}' was not found.`,
    );
  try {
    jwt.verify(assertion, key, { algorithms });
  } catch (error) {
    if (!(error instanceof jwt.TokenExpiredError) && !(error instanceof jwt.NotBeforeError))
      throw invalidAssertion(700027, "Client assertion failed signature validation.");
    throw invalidAssertion(
      700024,
      `Client assertion is not within its valid time range. Current time: ${new Date().toISOString()}, assertion valid from ${timeOf(payload.nbf)}, expiry time of assertion ${timeOf(payload.exp)}.`,
    );
  }
  if (payload.exp === undefined) throw invalidAssertion(50027, "JWT token is invalid or malformed: it has no 'exp'.");
}

/** The credential that the claims fit, or why none does. */
function matching(federated: readonly FederatedCredential[], { iss = "", sub = "", aud }: jwt.JwtPayload) {
  const audiences = typeof aud === "string" ? [aud] : (aud ?? []);
  const record = "No matching federated identity record found for presented assertion";
  const ofIssuer = federated.filter(({ issuer }) => issuer === iss);
  if (ofIssuer.length === 0)
    throw invalidAssertion(700211, `${record} issuer '${iss}'. The issuer is matched as it is, with case and slashes.`);
  const ofSubject = ofIssuer.filter(({ subject }) => subject === sub);
  if (ofSubject.length === 0) throw invalidAssertion(700213, `${record} subject '${sub}'.`);
  const found = ofSubject.find((credential) => credential.audiences.some((audience) => audiences.includes(audience)));
  if (!found) throw invalidAssertion(700212, `${record} audience '${audiences.join(" ")}'.`);
  return found;
}

function keyOf(keys: readonly JsonWebKey[], kid: string | undefined): KeyObject | undefined {
  const found = keys.length === 1 && kid === undefined ? keys[0] : keys.find((key) => key.kid === kid);
  try {
    return found && createPublicKey({ key: found, format: "jwk" });
  } catch {
    return undefined;
  }
}

function timeOf(seconds: number | undefined): string {
  return seconds === undefined ? "unknown" : new Date(seconds * 1000).toISOString();
}
