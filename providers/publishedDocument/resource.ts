import * as pulumi from "@pulumi/pulumi";
import { dynamicProvider } from "../dynamicProvider";

const provider = dynamicProvider("publishedDocument");

export interface PublishedDocumentArgs {
  /** ARM id of the storage account. */
  storageAccountId: pulumi.Input<string>;
  /** Name of the blob container. */
  container: pulumi.Input<string>;
  /** Name of the blob. */
  blobName: pulumi.Input<string>;
  /** Text of the blob. */
  content: pulumi.Input<string>;
  /** By which a text is taken for another: an equal one is not written again, though figures in it may have moved. */
  revision: pulumi.Input<string>;
}

/** A text as a blob, for readers that have a role on its container. */
export class PublishedDocument extends pulumi.dynamic.Resource {
  constructor(name: string, args: PublishedDocumentArgs, opts?: pulumi.CustomResourceOptions) {
    super(provider, name, { ...args }, { ...opts, hideDiffs: ["__provider"] }, "storage", "PublishedDocument");
  }
}
