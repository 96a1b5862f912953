import { createHash } from "node:crypto";
import { Fingerprint } from "../../lib/content/fingerprint";
import type { RunFiles } from "./origin";

/**
 * Name of a version by its content: equal for equal outputs of a run in the same form of model, whatever workspace, registry
 * or day they are of.
 */
export async function contentVersion({ container, prefix }: RunFiles, modelType: string): Promise<string> {
  const content = new Fingerprint();
  content.add("modelType", modelType);
  for await (const { name, properties } of container.listBlobsFlat({ prefix: `${prefix}outputs/` })) {
    const { contentMD5 } = properties;
    const md5 = contentMD5 ? Buffer.from(contentMD5).toString("base64") : await md5Of(container.getBlobClient(name));
    content.add(name.slice(prefix.length), md5);
  }
  return content.toString();
}

/** Of a blob that was written in blocks without it. */
async function md5Of(blob: ReturnType<RunFiles["container"]["getBlobClient"]>): Promise<string> {
  const { readableStreamBody } = await blob.download(0, undefined, { maxRetryRequests: 5 });
  const hash = createHash("md5");
  for await (const chunk of readableStreamBody ?? []) hash.update(chunk);
  return hash.digest("base64");
}
