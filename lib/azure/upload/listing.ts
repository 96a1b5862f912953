import type { BlobItem } from "@azure/storage-blob";
import type { BlobWriter } from "./blobWriter";

/** A blob as a listing shows it. */
export interface ListedBlob {
  /** Below the prefix. */
  path: string;
  /** Bytes. */
  size: number;
  /** Base64; empty when the blob has none. */
  md5: string;
  etag: string;
  metadata: Record<string, string>;
}

/** The blobs below a prefix, a page of 2000 a request. */
export async function* listBlobs(writer: BlobWriter, prefix: string): AsyncGenerator<ListedBlob> {
  let token: string | undefined;
  do {
    const { blobs, next } = await writer.list(prefix, token);
    for (const blob of blobs) if (!isFolder(blob)) yield listed(blob, prefix);
    token = next;
  } while (token);
}

function listed({ name, properties, metadata }: BlobItem, prefix: string): ListedBlob {
  return {
    path: name.slice(prefix.length),
    size: properties.contentLength ?? 0,
    md5: properties.contentMD5 ? Buffer.from(properties.contentMD5).toString("base64") : "",
    etag: properties.etag,
    metadata: metadata ?? {},
  };
}

/** Accounts with a hierarchical namespace list their folders among the blobs. */
function isFolder({ metadata }: BlobItem): boolean {
  return metadata?.hdi_isfolder === "true";
}
