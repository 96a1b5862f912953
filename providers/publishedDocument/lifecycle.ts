import { createHash } from "node:crypto";
import type { ContainerClient } from "@azure/storage-blob";
import { ArmClient } from "../../lib/azure/arm";
import { openContainer } from "../../lib/azure/blobs";
import { explainFailure } from "../../lib/azure/upload";
import { BlobWriter } from "../../lib/azure/upload/blobWriter";
import { isRestError } from "../../lib/azure/upload/failures";
import { writerSettings } from "../../lib/azure/upload/settings";
import { defineLifecycle } from "../lifecycle";

interface Inputs {
  storageAccountId: string;
  container: string;
  blobName: string;
  content: string;
  /** What the content is compared by. */
  revision: string;
}

async function open({ storageAccountId, container }: Inputs): Promise<ContainerClient> {
  return openContainer(await ArmClient.connect(), storageAccountId, container);
}

async function write(inputs: Inputs): Promise<void> {
  const container = await open(inputs);
  const body = Buffer.from(inputs.content, "utf8");
  const writer = new BlobWriter(container, writerSettings({ waitForRights: true }));
  try {
    await writer.put(inputs.blobName, body, createHash("md5").update(body).digest());
  } catch (error) {
    throw explainFailure(error, container);
  }
}

export const lifecycle = defineLifecycle<Inputs, Inputs>({
  replaceOn: ["storageAccountId", "container", "blobName"],
  // The revision stands for it.
  ignoreChangesOf: ["content"],

  async create(inputs) {
    await write(inputs);
    return { id: `${inputs.storageAccountId}/${inputs.container}/${inputs.blobName}`, outputs: inputs };
  },

  /** What stands in the blob; unequal to the document, it makes the next `up` write it again. */
  async read(_id, state) {
    const container = await open(state);
    try {
      const content = await container.getBlobClient(state.blobName).downloadToBuffer();
      const found = content.toString("utf8");
      return found === state.content ? state : { ...state, content: found, revision: "" };
    } catch (error) {
      if (isRestError(error) && error.statusCode === 404) return undefined;
      throw explainFailure(error, container);
    }
  },

  async update(_id, inputs) {
    await write(inputs);
    return inputs;
  },

  async delete(_id, state) {
    await (await open(state)).getBlobClient(state.blobName).deleteIfExists();
  },
});
