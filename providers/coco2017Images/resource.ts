import * as pulumi from "@pulumi/pulumi";
import { dynamicProvider } from "../dynamicProvider";

const provider = dynamicProvider("coco2017Images");

export interface Coco2017ImagesArgs {
  /** ARM id of the storage account. */
  storageAccountId: pulumi.Input<string>;
  /** Name of the blob container. */
  container: pulumi.Input<string>;
  /** Folder in the container, for example `train2017`. */
  prefix: pulumi.Input<string>;
  part: pulumi.Input<"train2017" | "val2017">;
  /** Address of the official server, or of a mirror with the same paths. */
  baseUrl: pulumi.Input<string>;
  /** Local folder of the downloads, relative to the program. */
  cacheFolder: pulumi.Input<string>;
}

/**
 * The pictures of COCO 2017 as blobs, straight from the official zip, and its instances file on this machine. A break at any
 * point costs nothing of what has come; once all is there, the zip is not needed any more.
 */
export class Coco2017Images extends pulumi.dynamic.Resource {
  /** The same as that of a folder with these pictures. */
  declare readonly fingerprint: pulumi.Output<string>;
  declare readonly files: pulumi.Output<number>;
  declare readonly bytes: pulumi.Output<number>;
  /** Local path of the COCO instances file. */
  declare readonly annotations: pulumi.Output<string>;

  constructor(name: string, args: Coco2017ImagesArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      { ...args, fingerprint: undefined, files: undefined, bytes: undefined, annotations: undefined },
      { ...opts, hideDiffs: ["__provider"] },
      "data",
      "Coco2017Images",
    );
  }
}
