import type { ImagePlace } from "../../lib/labeling/signedPath";

/** A request for a blob as Azure's REST API takes it. */
export interface BlobRequest {
  method: "GET" | "HEAD";
  headers: Record<string, string>;
  signal: AbortSignal;
}

/** Answers what the storage answers, whatever its status. */
export type AskBlob = (place: ImagePlace, request: BlobRequest) => Promise<Response>;

const version = "2021-12-02";

/**
 * Asks the blob service by a token of Entra ID. It is the service's own REST API and no SDK, so that all of the gateway is one
 * small file: https://learn.microsoft.com/rest/api/storageservices/get-blob
 * @param endpoint address of an account's blobs, with `{account}` in place of its name
 */
export function blobsAt(endpoint: string, token: () => Promise<string>): AskBlob {
  return async ({ account, container, path }, { method, headers, signal }) => {
    const address = [container, ...path.split("/")].map(encodeURIComponent).join("/");
    return fetch(`${endpoint.replace("{account}", account)}/${address}`, {
      method,
      signal,
      headers: { ...headers, authorization: `Bearer ${await token()}`, "x-ms-version": version },
    });
  };
}
