import type { ContainerClient } from "@azure/storage-blob";
import { isIP } from "node:net";
import { messageOf, UserError } from "../../errors";
import { azureCredential } from "../credential";
import { sdk } from "../sdk";

/** Where a command uploads to, in the words of its user. */
export interface TargetArguments {
  /** `https://ACCOUNT.blob.core.windows.net/CONTAINER`, with a SAS or without. */
  containerUrl?: string;
  connectionString?: string;
  /** Container of the connection string's account; without it the prefix begins with it. */
  container?: string;
  prefix: string;
}

export interface Target {
  container: ContainerClient;
  /** Empty, or ending with a slash. */
  prefix: string;
}

const containerName = /^(\$root|\$web|[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9])$/;

/** Finds the container and the folder in it. @throws UserError when they are not given, or given twice */
export function openTarget({ containerUrl, connectionString, container, prefix }: TargetArguments): Target {
  const segments = prefix.split("/").filter((segment) => segment !== "");
  if ((containerUrl === undefined) === (connectionString === undefined)) {
    throw new UserError("Give --container-url or --connection-string, one of the two.");
  }
  if (containerUrl !== undefined) {
    if (container !== undefined)
      throw new UserError("--container goes with --connection-string; the URL names one already.");
    return { container: atUrl(containerUrl), prefix: asPrefix(segments) };
  }
  const [first, ...rest] = segments;
  const name = container ?? first;
  if (name === undefined) {
    throw new UserError("Nothing names the container. Give --container NAME, or --prefix CONTAINER/FOLDER.");
  }
  if (!containerName.test(name)) {
    throw new UserError(
      `"${name}" is no name of a container (3 to 63 characters of [a-z0-9-]). ` +
        (container === undefined
          ? "With --connection-string the first part of --prefix names it; or give --container NAME."
          : ""),
    );
  }
  return {
    container: serviceOf(connectionString ?? "").getContainerClient(name),
    prefix: asPrefix(container === undefined ? rest : segments),
  };
}

function asPrefix(segments: readonly string[]): string {
  return segments.map((segment) => `${segment}/`).join("");
}

function serviceOf(connectionString: string) {
  try {
    return sdk.blobs.BlobServiceClient.fromConnectionString(connectionString);
  } catch (error) {
    // The text itself is a secret.
    throw new UserError(
      `--connection-string cannot be read: ${messageOf(error)}. ` +
        'Give it as the portal shows it ("DefaultEndpointsProtocol=...;AccountName=...;AccountKey=..."), or UseDevelopmentStorage=true.',
    );
  }
}

function atUrl(text: string): ContainerClient {
  const example = "Give https://ACCOUNT.blob.core.windows.net/CONTAINER, with a SAS or without.";
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new UserError(`--container-url is no URL. ${example}`);
  }
  // Emulators, and services behind an address, name the account in the path.
  const accountInPath = isIP(url.hostname) !== 0 || !url.hostname.includes(".");
  const segments = url.pathname.split("/").filter((segment) => segment !== "");
  const where = `${url.origin}${url.pathname}`;
  if (segments.length !== (accountInPath ? 2 : 1)) {
    const wanted = accountInPath ? `${url.origin}/ACCOUNT/CONTAINER` : `${url.origin}/CONTAINER`;
    throw new UserError(
      `--container-url is ${where}, which is not ${wanted}. Folders in the container go to --prefix.`,
    );
  }
  if (url.searchParams.has("sig")) return new sdk.blobs.ContainerClient(url.href);
  if (url.protocol !== "https:") {
    throw new UserError(
      `--container-url is ${where}: a token is only sent over https. Use https, add a SAS to the URL, or give --connection-string.`,
    );
  }
  return new sdk.blobs.ContainerClient(url.href, azureCredential());
}
