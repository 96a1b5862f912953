import * as pulumi from "@pulumi/pulumi";
import { dynamicProvider } from "../dynamicProvider";

const provider = dynamicProvider("blobFolder");

export interface BlobFolderArgs {
  /** ARM id of the storage account. */
  storageAccountId: pulumi.Input<string>;
  /** Name of the blob container. */
  container: pulumi.Input<string>;
  /** Folder in the container, for example `train2017`. */
  prefix: pulumi.Input<string>;
  /** Local folder, relative to the program. */
  folder: pulumi.Input<string>;
  /** What an error calls the folder: the property of the configuration or of the job file that names it. */
  property: pulumi.Input<string>;
  /** Whether blobs below the prefix that have no local file are removed, once all files are there. @default false */
  removeExtra?: pulumi.Input<boolean>;
}

/** A local folder's files as blobs: sends what is missing or changed, keeps what is only in the container. */
export class BlobFolder extends pulumi.dynamic.Resource {
  /** Changes when a file's path or content does; known in preview. */
  declare readonly fingerprint: pulumi.Output<string>;
  /** Number of files; known in preview. */
  declare readonly files: pulumi.Output<number>;
  /** Bytes in all; known in preview. */
  declare readonly bytes: pulumi.Output<number>;

  constructor(name: string, args: BlobFolderArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      { ...args, removeExtra: args.removeExtra ?? false, fingerprint: undefined, files: undefined, bytes: undefined },
      { ...opts, hideDiffs: ["__provider"] },
      "storage",
      "BlobFolder",
    );
  }
}
