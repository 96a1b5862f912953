import type { ContainerClient } from "@azure/storage-blob";
import { UserError } from "../../errors";
import { isRestError } from "./failures";

/** A failure of the service or of the sign-in as its user can mend it; anything else as it is. */
export function explainFailure(error: unknown, { accountName, containerName, url }: ContainerClient): unknown {
  const where = `container ${containerName} of ${accountName} (${new URL(url).origin})`;
  if (
    error instanceof Error &&
    /^(CredentialUnavailable|AggregateAuthentication|Authentication)Error$/.test(error.name)
  ) {
    return new UserError(
      `No identity for Entra ID was found (${firstLine(error)}). Run "az login", or set AZURE_CLIENT_ID and its kin, or give a SAS or a connection string.`,
    );
  }
  if (!isRestError(error)) return error;
  const { statusCode, code } = error;
  const said = `${statusCode ?? "no answer"}${code ? `, ${code}` : ""}: ${firstLine(error)}`;
  return new UserError(`The upload to ${where} failed (${said}). ${nextStep(statusCode, code)}`);
}

function nextStep(status: number | undefined, code: string | undefined): string {
  if (code === "AuthorizationPermissionMismatch")
    return "Give the identity the role Storage Blob Data Contributor on the account; it takes effect within minutes.";
  if (code === "KeyBasedAuthenticationNotPermitted")
    return "The account takes no keys: give --container-url, and sign in.";
  if (status === 401 || status === 403)
    return "Check the key, the SAS (its permissions must have read, create, write, list; its time) and the account's network rules.";
  if (status === undefined) return "Check the address, the network and, for an own certificate, NODE_EXTRA_CA_CERTS.";
  return "Run it again; only what is missing is sent.";
}

function firstLine({ message }: Error): string {
  return (message.split("\n")[0] ?? "").trim();
}
