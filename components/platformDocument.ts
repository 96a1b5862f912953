import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../contract";
import { PublishedDocument } from "../providers/publishedDocument/resource";
import type { ImageStorage } from "./imageStorage";
import { grant } from "./roles";

export interface PlatformDocumentArgs {
  storage: ImageStorage;
  /** Container of its own, so that its readers see nothing else. */
  containerName: string;
  /** Object ids of the identities that may read it. */
  readers: readonly string[];
  /** Rights that must be there before the deployment's own identity can write. */
  uploadRights: pulumi.Resource[];
}

/** Name of the blob. */
const blobName = "platform.json";

/** Where consumers without access to the stack's state read what the stack tells them. */
export class PlatformDocument extends pulumi.ComponentResource {
  readonly uri: pulumi.Output<string>;
  private readonly container: pulumi.Output<string>;

  constructor(
    private readonly childName: string,
    private readonly args: PlatformDocumentArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("objectdetection:index:PlatformDocument", childName, {}, opts);
    const { storage, containerName, readers } = args;
    const container = storage.container(`${childName}-container`, containerName, { parent: this });
    for (const principalId of readers) {
      const reader = { principalId, principalType: "ServicePrincipal" } as const;
      grant(`${childName}-reader-${principalId}`, "blobReader", container.id, reader, { parent: this });
    }
    this.container = container.name;
    this.uri = pulumi.interpolate`${storage.blobEndpoint}${container.name}/${blobName}`;
    this.registerOutputs({ uri: this.uri });
  }

  /** Writes the document. Its content names the address itself, so it comes after the place. */
  publish(platform: pulumi.Output<Platform>): void {
    const { storage, uploadRights } = this.args;
    new PublishedDocument(
      `${this.childName}-blob`,
      {
        storageAccountId: storage.id,
        container: this.container,
        blobName,
        content: platform.apply((value) => `${JSON.stringify(value, null, 2)}\n`),
        revision: platform.apply(revisionOf),
      },
      { parent: this, dependsOn: uploadRights },
    );
  }
}

/** People label all day: how far they are makes no plan have something to do, and is in what is written next. */
function revisionOf({ labeling, ...rest }: Platform): string {
  const settled = labeling && { ...labeling, progress: undefined, lastRefresh: undefined };
  return createHash("sha256")
    .update(JSON.stringify({ ...rest, labeling: settled }))
    .digest("hex");
}
