import { UserError } from "../errors";
import { apiVersions, type ArmClient } from "./arm";
import { azureCredential } from "./credential";

/** A version of a secret, read from its vault. */
export interface VaultSecret {
  value: string;
  version: string;
  contentType?: string;
}

const dataVersion = "7.4";
const timeoutMs = 60_000;

/**
 * Reads a secret at its vault's own address, which Resource Manager tells; the vault tells what its tokens are for.
 * @param secretId ARM id of the secret
 * @param version the current one unless it is given
 * @throws UserError when it is not there, or the deploying identity may not read it
 */
export async function readVaultSecret(arm: ArmClient, secretId: string, version?: string): Promise<VaultSecret> {
  const [, vaultId = "", name = ""] = /^(.+)\/secrets\/([^/]+)$/i.exec(secretId) ?? [];
  const vault = await arm.get<{ vaultUri?: string }>(vaultId, apiVersions.keyVault);
  const address = vault?.properties.vaultUri;
  if (!address)
    throw new UserError(`Key Vault ${vaultId} is not there. Correct the ARM id of the secret, ${secretId}.`);
  const path = ["secrets", name, ...(version === undefined ? [] : [version])].join("/");
  const url = `${address.replace(/\/?$/, "/")}${path}?api-version=${dataVersion}`;
  const scope = `${await audienceOf(url)}/.default`;
  const token = (await azureCredential().getToken(scope))?.token ?? "";
  const answer = await ask(url, { authorization: `Bearer ${token}` });
  if (answer.status === 403)
    throw new UserError(
      `The deploying identity may not read the secret ${secretId}. Give it the role "Key Vault Secrets User" on it, let the ` +
        "vault's firewall pass it, and try again.",
    );
  if (answer.status === 404)
    throw new UserError(
      `Secret ${secretId} ${version ? `has no version ${version}` : "is not there"}. Correct its ARM id.`,
    );
  if (!answer.ok) throw new Error(`GET ${url}: ${answer.status} ${await answer.text()}`);
  const { id, value, contentType } = (await answer.json()) as { id: string; value: string; contentType?: string };
  return { value, version: id.split("/").at(-1) ?? "", contentType };
}

/** From the challenge to a request without a token. Of another service it is not taken: a token would be given away. */
async function audienceOf(url: string): Promise<string> {
  const { headers } = await ask(url, {});
  const audience = /resource="([^"]+)"/.exec(headers.get("www-authenticate") ?? "")?.[1] ?? "";
  if (/^https:\/\/(vault|managedhsm)\.[a-z.]+$/.test(audience)) return audience;
  throw new UserError(`${new URL(url).origin} answers as no Key Vault does: it asks for a token for "${audience}".`);
}

async function ask(url: string, headers: Record<string, string>): Promise<Response> {
  try {
    return await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    const { message, cause } = error as { message: string; cause?: { message?: string } };
    throw new UserError(
      `${new URL(url).origin} cannot be reached (${cause?.message ?? message}): a private vault is read from within its network.`,
    );
  }
}
