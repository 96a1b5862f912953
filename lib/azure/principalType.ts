/**
 * What kind of principal a token is of, as role assignments name it: people delegate scopes to the application that they sign
 * in with, and applications (managed identities, service principals of pipelines) do not.
 * @see https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
export function principalTypeOf(token: string): "User" | "ServicePrincipal" {
  const payload = Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8");
  const { scp } = JSON.parse(payload) as { scp?: string };
  return scp === undefined ? "ServicePrincipal" : "User";
}
