import { messageOf } from "../../lib/errors";
import { existsSync } from "node:fs";
import type { ContainerClient } from "@azure/storage-blob";
import { ArmClient } from "../../lib/azure/arm";
import { openContainer } from "../../lib/azure/blobs";
import { isFromZip, remoteFingerprint, uploadZip } from "../../lib/azure/upload";
import { announcement, fetchInstances, filesOf, withImages, type Coco2017Part } from "../../lib/coco2017";
import { defineLifecycle, PartialFailure } from "../lifecycle";
import { progressLines } from "../progress";

interface Inputs {
  storageAccountId: string;
  container: string;
  prefix: string;
  part: Coco2017Part;
  baseUrl: string;
  cacheFolder: string;
}

interface Outputs extends Inputs {
  /** Of all pictures of the part; empty until they have been uploaded once. */
  fingerprint: string;
  files: number;
  bytes: number;
  annotations: string;
  /** Fingerprint of what was in the container when it was last looked at. */
  present: string;
}

const waitForRights = true;

function idOf({ storageAccountId, container, prefix }: Inputs): string {
  return `${storageAccountId}/${container}/${prefix}`;
}

async function open({ storageAccountId, container }: Inputs): Promise<ContainerClient> {
  return openContainer(await ArmClient.connect(), storageAccountId, container);
}

/** Makes downloads and blobs complete. @param before the state, when the pictures have been there once */
async function ensure(inputs: Inputs, before?: Outputs): Promise<Outputs> {
  const { part, baseUrl, cacheFolder, prefix } = inputs;
  const files = filesOf(part, baseUrl, cacheFolder);
  try {
    await fetchInstances(files, megabytes);
    const container = await open(inputs);
    if (before && before.part === part && before.fingerprint !== "") {
      const present = await presentFingerprint(container, inputs);
      // Then the zip need not be there.
      if (present === before.fingerprint) return { ...before, ...inputs, annotations: files.instances, present };
    }
    const report = progressLines(`Upload of COCO 2017 ${part}`, "files");
    const { skipped, ...content } = await withImages(files, megabytes, (zipFile) =>
      uploadZip({ container, zipFile, inside: `${part}/`, prefix: `${prefix}/`, waitForRights, onProgress: report }),
    );
    console.log(
      `Upload of COCO 2017 ${part}: ${content.files} files, ${content.bytes} bytes, ${skipped} skipped, ${content.files - skipped} sent`,
    );
    return { ...inputs, ...content, annotations: files.instances, present: content.fingerprint };
  } catch (error) {
    const incomplete = { fingerprint: "", files: 0, bytes: 0, annotations: files.instances, present: "" };
    const state = { ...incomplete, ...before, ...inputs, present: "incomplete" } satisfies Outputs;
    throw new PartialFailure(idOf(inputs), state, messageOf(error));
  }
}

async function presentFingerprint(container: ContainerClient, { prefix }: Inputs): Promise<string> {
  return String(await remoteFingerprint(container, `${prefix}/`, isFromZip, { waitForRights }));
}

/** Progress lines of a download, at each tenth. */
function megabytes(url: string): (done: number, total: number | undefined) => void {
  const report = progressLines(`Download of ${url}`, "MB");
  return (done, total) => {
    if (total !== undefined) report(Math.floor(done / 1e6), Math.ceil(total / 1e6));
  };
}

export const lifecycle = defineLifecycle<Inputs, Outputs>({
  replaceOn: ["storageAccountId", "container", "prefix"],
  // The same pictures from another place are the same blobs.
  ignoreChangesOf: ["baseUrl", "cacheFolder"],

  async check(inputs, before) {
    if (!before) console.log(await announcement(inputs.part, inputs.baseUrl, inputs.cacheFolder));
    return { inputs };
  },

  unfinished: ({ fingerprint, present, annotations }) => present !== fingerprint || !existsSync(annotations),

  async create(inputs) {
    return { id: idOf(inputs), outputs: await ensure(inputs) };
  },

  async read(_id, state) {
    const container = await open(state);
    if (!(await container.exists())) return undefined;
    return { ...state, present: await presentFingerprint(container, state) };
  },

  update: (_id, inputs, olds) => ensure(inputs, olds),

  // Blobs go with their container, downloads with their folder.
  async delete() {},
});
