import type { ContainerClient } from "@azure/storage-blob";
import { Fingerprint } from "../../content/fingerprint";
import { BlobWriter } from "./blobWriter";
import { listBlobs, type ListedBlob } from "./listing";
import { writerSettings, type UploadSettings } from "./settings";

/** The {@link Fingerprint} of the blobs below a prefix that count. */
export async function remoteFingerprint(
  container: ContainerClient,
  prefix: string,
  counts: (blob: ListedBlob) => boolean,
  settings: UploadSettings,
): Promise<Fingerprint> {
  const fingerprint = new Fingerprint();
  for await (const blob of blobsBelow(container, prefix, settings)) {
    if (counts(blob)) fingerprint.add(blob.path, blob.md5);
  }
  return fingerprint;
}

/** The blobs below a prefix, at the requests' own pace and patience. */
export function blobsBelow(
  container: ContainerClient,
  prefix: string,
  settings: UploadSettings,
): AsyncGenerator<ListedBlob> {
  return listBlobs(new BlobWriter(container, writerSettings(settings)), prefix);
}
