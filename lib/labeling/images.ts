import type { ContainerClient } from "@azure/storage-blob";
import { blobsBelow } from "../azure/upload";
import { contentTypeOf } from "../azure/upload/contentTypes";
import type { Task } from "./wire";
import type { ImageSigning } from "./connection";
import { describeSigned, signImagePath } from "./signedPath";

/** An image to be labeled, as the container lists it. */
export interface ImageBlob {
  /** Below the folder of the images. */
  path: string;
  /** Another one when the image is another one: the MD5, or the ETag of a blob without. */
  version: string;
  etag: string;
}

const day = 24 * 60 * 60;
/** How long an address is good; it is renewed once less than half of that is left. */
const addressSeconds = 360 * day;

/** Whether a blob is an image, by its name. */
export function isImage(path: string): boolean {
  return contentTypeOf(path).startsWith("image/");
}

/** The images below a folder of a container. */
export async function* listImages(container: ContainerClient, prefix: string): AsyncGenerator<ImageBlob> {
  for await (const { path, md5, etag } of blobsBelow(container, prefix, { waitForRights: true }))
    if (isImage(path)) yield { path, version: md5 || etag, etag };
}

/** Makes the tasks of one folder's images, and knows them again. */
export class ImageTasks {
  constructor(
    private readonly signing: ImageSigning,
    private readonly place: { account: string; container: string; prefix: string },
    /** Milliseconds since 1970. */
    private readonly now: number,
  ) {}

  make({ path, version, etag }: ImageBlob): Omit<Task, "id"> {
    return { data: { image: this.address(path), path }, meta: { path, version, etag } };
  }

  /** The address in place of one that another key signed, that ends soon, or that leads elsewhere; undefined for a good one. */
  renewed(path: string, address: unknown): string | undefined {
    const known = typeof address === "string" ? describeSigned(address) : undefined;
    const left = (known?.expires ?? 0) - this.now / 1000;
    const isGood =
      known?.keyId === this.signing.keys[0]?.id &&
      left > addressSeconds / 2 &&
      (address as string).split("?")[0] === this.address(path).split("?")[0];
    return isGood ? undefined : this.address(path);
  }

  private address(path: string): string {
    const { account, container, prefix } = this.place;
    const expires = Math.floor(this.now / 1000) + addressSeconds;
    return this.signing.url + signImagePath({ account, container, path: prefix + path }, expires, this.signing.keys);
  }
}

/** When addresses that were made at a time are to be renewed; both in milliseconds since 1970. */
export function renewAfter(made: number): number {
  return made + (addressSeconds / 2) * 1000;
}
