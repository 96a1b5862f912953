import { ArmClient } from "../../lib/azure/arm";
import { openContainer } from "../../lib/azure/blobs";
import { remoteFingerprint, uploadFolder } from "../../lib/azure/upload";
import { readFolder } from "../../lib/content/folder";
import { KeySet } from "../../lib/content/keySet";
import { Md5Cache } from "../../lib/content/md5Cache";
import { UserError } from "../../lib/errors";
import { defineLifecycle } from "../lifecycle";
import { progressLines } from "../progress";

interface Inputs {
  storageAccountId: string;
  container: string;
  prefix: string;
  folder: string;
  property: string;
  removeExtra: boolean;
  fingerprint: string;
  files: number;
  bytes: number;
}

async function upload(inputs: Inputs): Promise<void> {
  const { storageAccountId, prefix, folder, property, removeExtra, fingerprint } = inputs;
  const report = progressLines(`Upload of ${folder}`, "files");
  const result = await uploadFolder({
    container: await openContainer(await ArmClient.connect(), storageAccountId, inputs.container),
    folder,
    property,
    prefix: `${prefix}/`,
    removeExtra,
    md5s: await Md5Cache.open(folder),
    waitForRights: true,
    onProgress: ({ files, totalFiles }) => report(files, totalFiles),
    onWarning: console.log,
  });
  if (result.fingerprint !== fingerprint) {
    throw new UserError(
      `The files of "${folder}" changed while they were being uploaded. Run "pulumi up" again when they are complete.`,
    );
  }
  const { files, bytes, skipped, removed } = result;
  const gone = removed > 0 ? `, ${removed} removed` : "";
  console.log(
    `Upload of ${folder}: ${files} files, ${bytes} bytes, ${skipped} skipped, ${files - skipped} sent${gone}`,
  );
}

export const lifecycle = defineLifecycle<Inputs, Inputs>({
  replaceOn: ["storageAccountId", "container", "prefix"],
  // The same files at another local path are the same blobs.
  ignoreChangesOf: ["folder", "property"],

  async check(inputs) {
    return { inputs: { ...inputs, ...(await readFolder(inputs.folder, inputs.property)) } };
  },

  async create(inputs) {
    await upload(inputs);
    return { id: `${inputs.storageAccountId}/${inputs.container}/${inputs.prefix}`, outputs: inputs };
  },

  async read(_id, state) {
    const container = await openContainer(await ArmClient.connect(), state.storageAccountId, state.container);
    if (!(await container.exists())) return undefined;
    const paths = new KeySet();
    const local = await readFolder(state.folder, state.property, (path) => paths.add(path)).catch(() => undefined);
    if (!local) return state;
    const remote = String(
      await remoteFingerprint(container, `${state.prefix}/`, ({ path }) => paths.has(path), { waitForRights: true }),
    );
    // Unequal to the local files' own fingerprint, it makes the next `up` send what is missing.
    return { ...state, fingerprint: remote === local.fingerprint ? state.fingerprint : remote };
  },

  async update(_id, inputs) {
    await upload(inputs);
    return inputs;
  },

  // Blobs go with their container; deleting them one by one would endanger data that others have put beside them.
  async delete() {},
});
