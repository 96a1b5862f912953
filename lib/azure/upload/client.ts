import type { ContainerClient, RequestPolicy, RequestPolicyFactory } from "@azure/storage-blob";
import { sdk } from "../sdk";

/**
 * The SDK sends the MD5 that a blob is to keep, and lets nobody send the one by which the service checks what has arrived
 * (Content-MD5); for a Put Blob they are the same.
 */
const sendContentMd5: RequestPolicyFactory = {
  create: (next: RequestPolicy) => ({
    sendRequest(request) {
      const md5 = request.headers.get("x-ms-blob-content-md5");
      if (md5 && request.headers.get("x-ms-blob-type")) request.headers.set("content-md5", md5);
      return next.sendRequest(request);
    },
  }),
};

/**
 * The same container for an upload: what arrives damaged is refused, and requests are tried once, since the upload itself
 * repeats them and sends fewer at a time when the service is busy, which the SDK's own retries would hide from it.
 */
export function forUpload(container: ContainerClient): ContainerClient {
  const pipeline = sdk.blobs.newPipeline(container.credential, { retryOptions: { maxTries: 1 } });
  pipeline.factories.push(sendContentMd5);
  return new sdk.blobs.ContainerClient(container.url, pipeline);
}
