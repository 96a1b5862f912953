import type { ContainerClient } from "@azure/storage-blob";
import { apiVersions, ArmRequestError, type ArmClient } from "./arm";
import { sdk } from "./sdk";

/** Signed for a while: https://learn.microsoft.com/rest/api/azureml/registry-model-versions/create-or-get-start-pending-upload */
interface BlobReference {
  blobReferenceForConsumption?: { blobUri?: string; credential?: { credentialType?: string; sasUri?: string } };
}

/** A version of a model in a registry of Azure ML, which shares it between workspaces. */
export interface RegistryAsset {
  /** ARM id of the registry. */
  registryId: string;
  model: string;
  version: string;
}

export function registryVersionId({ registryId, model, version }: RegistryAsset): string {
  return `${registryId}/models/${model}/versions/${version}`;
}

/** Undefined for an id of another kind. */
export function parseRegistryVersionId(id: string): RegistryAsset | undefined {
  const [, registryId, model, version] =
    /^(\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.MachineLearningServices\/registries\/[^/]+)\/models\/([^/]+)\/versions\/([^/]+)$/i.exec(
      id,
    ) ?? [];
  return registryId === undefined ? undefined : { registryId, model: model ?? "", version: version ?? "" };
}

/** By which the service names the version in other requests, and a deployment could name it. */
export function registryAssetUri({ registryId, model, version }: RegistryAsset): string {
  return `azureml://registries/${registryId.split("/").at(-1)}/models/${model}/versions/${version}`;
}

/** The container to which the files of a version are uploaded before it is made. Asked again, the service answers the same. */
export async function openUpload(arm: ArmClient, asset: RegistryAsset): Promise<ContainerClient> {
  const path = `${registryVersionId(asset)}/startPendingUpload`;
  const body = { pendingUploadType: "TemporaryBlobReference" };
  return containerOf(await arm.post<BlobReference>(path, apiVersions.machineLearning, body), path);
}

/** The container with the files of a version that is there, for reading. @param modelUri as the version has it */
export async function openFiles(arm: ArmClient, asset: RegistryAsset, modelUri: string): Promise<ContainerClient> {
  const path = `${asset.registryId}/datareferences/${asset.model}/versions/${asset.version}`;
  const body = { assetId: registryAssetUri(asset), blobUri: modelUri };
  return containerOf(await arm.post<BlobReference>(path, apiVersions.machineLearning, body), path);
}

/** Address of a container without its signature, as the places in it begin. */
export function addressOf({ url }: ContainerClient): string {
  return url.split("?")[0] ?? url;
}

function containerOf({ blobReferenceForConsumption: reference }: BlobReference, path: string): ContainerClient {
  const sasUri = reference?.credential?.sasUri;
  if (!sasUri)
    throw new ArmRequestError(
      400,
      "NoSignedAddress",
      `POST ${path}: the registry answered no signed address (${reference?.credential?.credentialType ?? "no credential"}); its storage has to be made by the registry itself.`,
    );
  return new sdk.blobs.ContainerClient(sasUri);
}
