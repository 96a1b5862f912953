import type { ContainerClient } from "@azure/storage-blob";
import { apiVersions, type ArmClient } from "./arm";
import { azureCredential } from "./credential";
import { UserError } from "../errors";
import { sdk } from "./sdk";

/** A container of a storage account, reached with a token; the address is the one that ARM answers for the account. */
export async function openContainer(
  arm: ArmClient,
  storageAccountId: string,
  container: string,
): Promise<ContainerClient> {
  const account = await arm.get<{ primaryEndpoints?: { blob?: string } }>(storageAccountId, apiVersions.storage);
  const endpoint = account?.properties.primaryEndpoints?.blob;
  if (!endpoint) {
    throw new UserError(
      `Storage account ${storageAccountId} is not there or has no blob endpoint. Run "pulumi refresh", then "pulumi up".`,
    );
  }
  return new sdk.blobs.BlobServiceClient(endpoint, azureCredential(), {
    retryOptions: { maxTries: 6, retryDelayInMs: 500, maxRetryDelayInMs: 20_000 },
  }).getContainerClient(container);
}
