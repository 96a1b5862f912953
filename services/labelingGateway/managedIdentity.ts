import type { Token } from "./cachedToken";

const resource = "https://storage.azure.com/";
const requestMs = 10_000;

/**
 * A token for blobs from the identity endpoint that Azure gives a container:
 * https://learn.microsoft.com/azure/container-apps/managed-identity#rest-endpoint-reference
 */
export async function managedIdentityToken(environment: NodeJS.ProcessEnv): Promise<Token> {
  const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: header = "", AZURE_CLIENT_ID: clientId } = environment;
  if (!endpoint) throw new Error("IDENTITY_ENDPOINT is not set: the container has no managed identity");
  const query = new URLSearchParams({ "api-version": "2019-08-01", resource });
  if (clientId) query.set("client_id", clientId);
  const answer = await fetch(`${endpoint}?${query.toString()}`, {
    headers: { "x-identity-header": header },
    signal: AbortSignal.timeout(requestMs),
  });
  if (!answer.ok) throw new Error(`the identity endpoint answers ${answer.status}`);
  const { access_token: value, expires_on: ends } = (await answer.json()) as Record<string, string>;
  if (!value) throw new Error("the identity endpoint gives no token");
  return { value, endsAt: Number(ends) * 1000 };
}
