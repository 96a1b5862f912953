import { ArmClient } from "../../lib/azure/arm";
import { openContainer } from "../../lib/azure/blobs";
import { remoteFingerprint, uploadFolder } from "../../lib/azure/upload";
import { fingerprint, listFolder } from "../../lib/content/folder";
import { UserError } from "../../lib/errors";
import { defineLifecycle } from "../lifecycle";
import { progressLines } from "../progress";

interface Inputs {
  storageAccountId: string;
  container: string;
  prefix: string;
  folder: string;
  property: string;
  fingerprint: string;
  files: number;
  bytes: number;
}

async function upload(inputs: Inputs): Promise<void> {
  const { storageAccountId, container, prefix, folder, property, fingerprint: expected } = inputs;
  const files = await listFolder(folder, property);
  if (fingerprint(files) !== expected) {
    throw new UserError(
      `The files of "${folder}" changed while they were being uploaded. Run "pulumi up" again when they are complete.`,
    );
  }
  const target = await openContainer(await ArmClient.connect(), storageAccountId, container);
  const result = await uploadFolder(target, folder, files, `${prefix}/`, progressLines(`Upload of ${folder}`, "files"));
  console.log(`Upload of ${folder}: ${result.files} files, ${result.bytes} bytes, ${result.uploaded} sent`);
}

export const lifecycle = defineLifecycle<Inputs, Inputs>({
  replaceOn: ["storageAccountId", "container", "prefix"],
  // The same files at another local path are the same blobs.
  ignoreChangesOf: ["folder", "property"],

  async check(inputs) {
    const files = await listFolder(inputs.folder, inputs.property);
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    return { inputs: { ...inputs, fingerprint: fingerprint(files), files: files.length, bytes } };
  },

  async create(inputs) {
    await upload(inputs);
    return { id: `${inputs.storageAccountId}/${inputs.container}/${inputs.prefix}`, outputs: inputs };
  },

  async read(_id, state) {
    const container = await openContainer(await ArmClient.connect(), state.storageAccountId, state.container);
    if (!(await container.exists())) return undefined;
    const local = await listFolder(state.folder, state.property).catch(() => undefined);
    if (!local) return state;
    const paths = new Set(local.map(({ path }) => path));
    const remote = await remoteFingerprint(container, `${state.prefix}/`, paths);
    // Unequal to the local files' own fingerprint, it makes the next `up` send what is missing.
    return { ...state, fingerprint: remote === fingerprint(local) ? state.fingerprint : remote };
  },

  async update(_id, inputs) {
    await upload(inputs);
    return inputs;
  },

  // Blobs go with their container; deleting them one by one would endanger data that others have put beside them.
  async delete() {},
});
